package dev.tenon.samples.serve;

import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The element types of the protocol, by the names that it gives them. */
public enum DataType {
    BOOL(DType.BOOL, 1),
    UINT8(DType.UINT8, 1),
    UINT16(DType.UINT16, 2),
    UINT32(DType.UINT32, 4),
    UINT64(DType.UINT64, 8),
    INT8(DType.INT8, 1),
    INT16(DType.INT16, 2),
    INT32(DType.INT32, 4),
    INT64(DType.INT64, 8),
    FP16(DType.FLOAT16, 2),
    BF16(DType.BFLOAT16, 2),
    FP32(DType.FLOAT32, 4),
    FP64(DType.FLOAT64, 8),
    BYTES(DType.STRING, 0);

    private final DType dtype;
    private final int bytes;

    DataType(DType dtype, int bytes) {
        this.dtype = dtype;
        this.bytes = bytes;
    }

    /** {@return the element type of tensors} */
    public DType dtype() {
        return dtype;
    }

    /** {@return the bytes of an element; 0 for {@link #BYTES}} */
    public int bytes() {
        return bytes;
    }

    /**
     * The type of a name in a request.
     *
     * @param input the name of the input in messages
     * @param name the name of the type
     * @return the type
     * @throws RequestException if there is none
     */
    public static DataType named(String input, String name) {
        for (DataType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw RequestException.bad("input '" + input + "': datatype " + name + " is not one of "
                + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", ")));
    }

    /**
     * The protocol's type for an element type.
     *
     * @param dtype the element type
     * @return its type in the protocol, null if it has none
     */
    public static DataType of(DType dtype) {
        for (DataType type : values()) {
            if (type.dtype == dtype) {
                return type;
            }
        }
        return null;
    }
}
