package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.Arrays;

/** Errors of tensors: each names the tensor by its type and dimensions, what is wrong with it, and what is allowed. */
final class TensorErrors {
    private TensorErrors() {}

    /** How errors name a tensor, such as {@code tensor f32[2,3]}. */
    static String name(DType dtype, long[] dims) {
        return "tensor " + dtype.text() + brackets(dims);
    }

    private static String brackets(long[] dims) {
        return Arrays.toString(dims).replace(" ", "");
    }

    static InvalidTensorException wrongCount(DType dtype, long[] dims, long found, long allowed) {
        return new InvalidTensorException(
                name(dtype, dims), "is given " + found + " elements", "exactly " + allowed, null);
    }

    static InvalidTensorException unequalRows(float[][] rows, int i, int width) {
        return new InvalidTensorException(
                "tensor " + DType.FLOAT32.text() + " of " + rows.length + " rows",
                "row " + i + (rows[i] == null ? " is null" : " has " + rows[i].length + " elements"),
                rows[0] == null ? "rows of equal length" : width + " elements in each row, as in row 0",
                null);
    }

    static InvalidTensorException wrongBytes(DType dtype, long[] dims, long found, String allowed) {
        int elementBytes = Math.max(dtype.bits() / 8, 1);
        String count = dtype.bits() >= 8 && found % elementBytes == 0 ? " (" + found / elementBytes + " elements)" : "";
        return new InvalidTensorException(name(dtype, dims), "is given " + found + " bytes" + count, allowed, null);
    }

    static InvalidTensorException noSegment(String tensor, String allowed, String cure) {
        return new InvalidTensorException(tensor, "strings have no segment", allowed, cure);
    }

    static InvalidTensorException noDimension(Tensor tensor, int i) {
        int rank = tensor.rank();
        return new InvalidTensorException(
                tensor.name(),
                "dimension " + i + " does not exist",
                rank == 0 ? "none, it is a scalar" : "[" + -rank + ", " + (rank - 1) + "]",
                null);
    }

    static InvalidTensorException noElement(Tensor tensor, long i) {
        long size = tensor.size();
        return new InvalidTensorException(
                tensor.name(),
                "element " + i + " does not exist",
                size == 0 ? "none" : "[0, " + (size - 1) + "]",
                null);
    }

    static InvalidTensorException readOnly(Tensor tensor) {
        return new InvalidTensorException(tensor.name(), "is read-only", null, "write to a copy()");
    }

    static InvalidTensorException otherType(Tensor tensor, DType found) {
        return new InvalidTensorException(
                tensor.name(),
                "meets a tensor of type " + found.text(),
                tensor.dtype().text(),
                "convert it first");
    }

    static InvalidTensorException unfitType(Tensor tensor, String allowed, String purpose) {
        return new InvalidTensorException(
                tensor.name(), "its type " + tensor.dtype().text() + " does not fit " + purpose, allowed, null);
    }

    static InvalidTensorException badTarget(Tensor tensor, long room, boolean readOnly, long need, String unit) {
        return new InvalidTensorException(
                tensor.name(),
                "is copied to " + (readOnly ? "a read-only target" : "a target of " + room + " " + unit),
                "writable, " + need + " " + unit + " or more",
                null);
    }

    static InvalidTensorException badReshape(Tensor tensor, long[] dims, long count) {
        return new InvalidTensorException(
                tensor.name(),
                "can't be reshaped to " + brackets(dims) + " of " + count + " elements",
                "shapes of " + tensor.size() + " elements",
                null);
    }

    static InvalidTensorException noRange(Tensor tensor, long from, long to) {
        return new InvalidTensorException(
                tensor.name(), "slice [" + from + ", " + to + ")", "ranges within [0, " + tensor.dim(0) + ")", null);
    }

    static InvalidTensorException cutByte(Tensor tensor, long from, long to) {
        return new InvalidTensorException(
                tensor.name(),
                "slice [" + from + ", " + to + ") is not at byte borders",
                "starts and ends at multiples of " + 8 / tensor.dtype().bits() + " elements",
                "copy the elements one by one");
    }
}
