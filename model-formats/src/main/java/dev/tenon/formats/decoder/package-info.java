/**
 * Decoders from GGUF files and from folders with safetensors, as graphs: {@link dev.tenon.formats.decoder.GgufModels} and
 * {@link dev.tenon.formats.decoder.FolderModels} read settings and weights, {@code DecoderGraph} builds what the settings
 * describe, of the operators of ONNX. All architectures share it. {@code DecoderWriter} writes a decoder that was read as GGUF.
 *
 * <p>Containers don't belong here: they are {@code dev.tenon.formats.gguf} and {@code .safetensors}. A new architecture is a class
 * that implements {@code Architecture} and a word in its list; what it does in another way than the others is a part of
 * {@code DecoderConfig}. Whatever a model has that is not computed is refused by name: the settings that are known to change
 * results, and each tensor that nothing asked for.
 */
package dev.tenon.formats.decoder;
