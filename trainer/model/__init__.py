"""The network: embeddings, post-LayerNorm encoder, masked-LM and next-sentence heads."""
