package dev.tenon.formats.onnx.data;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/** The numbers that ONNX gives to element types ({@code TensorProto.DataType}), as files hold them. */
public final class ElementTypes {
    private ElementTypes() {}

    /**
     * The element type of a number.
     *
     * @param thing what error messages call the value
     * @param number the number, untrusted
     * @return the element type
     * @throws UnsupportedModelException if no type has the number
     */
    public static DType of(String thing, int number) {
        return Types.ofCode(number).orElseThrow(() -> unknown(thing, number));
    }

    private static UnsupportedModelException unknown(String thing, int number) {
        List<DType> all = new ArrayList<>();
        for (int i = 1; Types.ofCode(i).isPresent(); i++) {
            all.add(Types.ofCode(i).get());
        }
        return new UnsupportedModelException(
                thing,
                "element type " + number + (number == 0 ? " (undefined)" : ""),
                "1 to " + all.size() + " " + all,
                number == 0 ? "export the model again" : "use a version of this library that knows the type");
    }

    /**
     * The number of an element type.
     *
     * @param type the element type
     * @return its number, 1 to 26
     */
    public static int number(DType type) {
        return Types.code(type);
    }
}
