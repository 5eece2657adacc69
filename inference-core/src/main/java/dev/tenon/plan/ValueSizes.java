package dev.tenon.plan;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.kernel.Kernel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;

/** The memory that values take. */
public final class ValueSizes {
    /** More than any machine can address, and so little that no sum of a few sizes overflows. */
    static final long MOST_BYTES = 1L << 60;

    private ValueSizes() {}

    /**
     * The type of the memory that the stages of a kernel share.
     *
     * @param kernel a kernel that needs such memory
     * @return a tensor of as many bytes as it needs
     */
    public static TensorType sharedType(Kernel kernel) {
        return new TensorType(DType.UINT8, Shape.of(kernel.sharedBytes()));
    }

    /**
     * The size of a value.
     *
     * @param name the name of the value
     * @param type the element type and known shape
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
        if (bytes > MOST_BYTES) {
            throw new ResourceLimitException(
                    "value '" + name + "'",
                    type + " takes more bytes than a machine can address",
                    MOST_BYTES + " bytes",
                    "feed smaller inputs");
        }
        return bytes;
    }

    static long bytes(TensorType type) {
        return type.dtype().byteSize(type.shape().knownElements());
    }

    /**
     * Whether values of a type can be in a buffer of a plan.
     *
     * @param type a type
     * @return true for tensors of known shape whose elements are no strings
     */
    public static boolean inMemory(ValueType type) {
        return type instanceof TensorType t
                && t.dtype() != DType.STRING
                && t.shape().hasRank()
                && t.shape().isKnown();
    }
}
