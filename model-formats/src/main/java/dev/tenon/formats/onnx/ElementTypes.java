package dev.tenon.formats.onnx;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** The numbers that ONNX gives to element types ({@code TensorProto.DataType}). */
public final class ElementTypes {
    private static final DType[] BY_NUMBER = {
        null,
        DType.FLOAT32,
        DType.UINT8,
        DType.INT8,
        DType.UINT16,
        DType.INT16,
        DType.INT32,
        DType.INT64,
        DType.STRING,
        DType.BOOL,
        DType.FLOAT16,
        DType.FLOAT64,
        DType.UINT32,
        DType.UINT64,
        DType.COMPLEX64,
        DType.COMPLEX128,
        DType.BFLOAT16,
        DType.FLOAT8E4M3FN,
        DType.FLOAT8E4M3FNUZ,
        DType.FLOAT8E5M2,
        DType.FLOAT8E5M2FNUZ,
        DType.UINT4,
        DType.INT4,
        DType.FLOAT4E2M1,
        DType.FLOAT8E8M0,
        DType.UINT2,
        DType.INT2,
    };

    private static final Map<DType, Integer> NUMBERS = new EnumMap<>(DType.class);

    static {
        for (int i = 1; i < BY_NUMBER.length; i++) {
            NUMBERS.put(BY_NUMBER[i], i);
        }
    }

    private ElementTypes() {}

    /**
     * The element type of a number.
     *
     * @param thing what has the type, for the message
     * @param number the number, untrusted
     * @return the element type
     * @throws UnsupportedModelException if no type has the number
     */
    public static DType of(String thing, int number) {
        if (number > 0 && number < BY_NUMBER.length) {
            return BY_NUMBER[number];
        }
        throw new UnsupportedModelException(
                thing,
                "element type " + number + (number == 0 ? " (undefined)" : ""),
                "1 to " + (BY_NUMBER.length - 1) + " "
                        + Arrays.asList(BY_NUMBER).subList(1, BY_NUMBER.length),
                number == 0 ? "export the model again" : "use a version of this library that knows the type");
    }

    /**
     * The number of an element type.
     *
     * @param type the element type
     * @return its number, 1 to 26
     */
    public static int number(DType type) {
        return NUMBERS.get(type);
    }
}
