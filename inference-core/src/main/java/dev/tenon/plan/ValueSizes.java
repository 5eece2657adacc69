package dev.tenon.plan;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.kernel.Kernel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;

/** How much memory values take, and which of them can lie in a buffer of a plan. */
public final class ValueSizes {
    private ValueSizes() {}

    /**
     * The type of the memory that the stages of a kernel share.
     *
     * @param kernel a kernel that asks for such memory
     * @return as many bytes as it asks for
     */
    public static TensorType sharedType(Kernel kernel) {
        return new TensorType(DType.UINT8, Shape.of(kernel.sharedBytes()));
    }

    /**
     * The size of a value that is about to be made.
     *
     * @param name the value
     * @param type element type and known shape
     * @param maxTensorBytes the largest size that is allowed
     * @return its size in bytes
     * @throws ResourceLimitException if it is larger than allowed
     */
    public static long checkedBytes(String name, TensorType type, long maxTensorBytes) {
        long bytes = bytes(type);
        if (bytes > maxTensorBytes) {
            throw new ResourceLimitException(
                    "value '" + name + "'",
                    type + " takes " + bytes + " bytes",
                    "at most " + maxTensorBytes + " bytes a tensor",
                    "raise SessionOptions.maxTensorBytes or feed smaller inputs");
        }
        return bytes;
    }

    static long bytes(TensorType type) {
        return type.dtype().byteSize(type.shape().knownElements());
    }

    private static boolean isKnown(ValueType type) {
        return type instanceof TensorType t && t.shape().hasRank() && t.shape().isKnown();
    }

    /** Whether values of a type can lie in a buffer of the plan. */
    static boolean inMemory(ValueType type) {
        return type instanceof TensorType t && t.dtype() != DType.STRING && isKnown(t);
    }
}
