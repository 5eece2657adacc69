package dev.tenon.formats.onnx.proto;

import java.util.List;

/**
 * Quantisation parameters of a tensor.
 *
 * @param tensorName the tensor
 * @param quantParameters for each parameter (such as {@code SCALE_TENSOR}) the tensor that holds it
 */
public record TensorAnnotation(String tensorName, List<StringEntry> quantParameters) {
    /** Copies the list. */
    public TensorAnnotation {
        quantParameters = List.copyOf(quantParameters);
    }
}
