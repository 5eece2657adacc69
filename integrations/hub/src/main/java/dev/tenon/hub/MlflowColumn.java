package dev.tenon.hub;

import java.util.List;

/**
 * An input or output of the signature of an MLflow model.
 *
 * @param name its name, empty if it has none
 * @param type the type as MLflow calls it: {@code double}, {@code long}, {@code string}; of a tensor that of NumPy: {@code float32}
 * @param shape the shape of a tensor, with -1 for any length; empty for a column of a table and for a scalar
 * @param isTensor whether it is a tensor and not a column of a table
 * @param required whether a value must be given
 */
public record MlflowColumn(String name, String type, List<Long> shape, boolean isTensor, boolean required) {
    /** Copies the shape. */
    public MlflowColumn {
        shape = List.copyOf(shape);
    }
}
