/**
 * Safetensors, the container of Hugging Face: a header in JSON, then tensors.
 * {@link dev.tenon.formats.safetensors.SafetensorsFolder} reads those of a folder.
 *
 * <p>Only the container belongs here. The meaning of names is in {@code dev.tenon.formats.decoder}. A new element type is a line
 * of {@code SafetensorsFile}.
 */
package dev.tenon.formats.safetensors;
