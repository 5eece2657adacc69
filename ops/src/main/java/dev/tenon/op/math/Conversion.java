package dev.tenon.op.math;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.InferContext;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Float8;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The conversion of elements for Cast and CastLike. */
final class Conversion {
    /** The standard's default of {@code round_mode}. */
    static final String ROUND_UP = "up";

    private Conversion() {}

    static Float8.Rounding rounding(String op, String mode) {
        return switch (mode) {
            case ROUND_UP -> Float8.Rounding.UP;
            case "down" -> Float8.Rounding.DOWN;
            case "nearest" -> Float8.Rounding.NEAREST;
            default ->
                throw new InvalidOperandException(op, "round_mode '" + mode + "'", "'up', 'down' or 'nearest'", null);
        };
    }

    /** The elements of an integer operand after conversion to another integer type or bool; null if not known. */
    static List<Dim> elements(InferContext c, DType to) {
        List<Dim> elements = to.isInteger() || to == DType.BOOL ? SymbolicElements.elements(c, 0) : null;
        if (elements == null) {
            return null;
        }
        List<Dim> result = new ArrayList<>(elements.size());
        for (Dim d : elements) {
            if (d.isKnown()) {
                result.add(Dim.of(to == DType.BOOL ? Math.abs(Long.signum(d.value())) : Integers.wrap(d.value(), to)));
            } else if (Types.INDICES.contains(to)) {
                result.add(d);
            } else {
                return null;
            }
        }
        return result;
    }

    /** Converts the first operand into a tensor of the same size. */
    static Tensor convert(Operands in, Tensor y, boolean saturate, Float8.Rounding rounding) {
        Tensor x = in.tensor(0);
        for (long i = 0; i < y.size(); i++) {
            if (x.dtype() == y.dtype()) {
                x.copyElementTo(i, y, i);
            } else if (x.dtype() == DType.STRING) {
                parse(in, x.getString(i), i, y, saturate, rounding);
            } else if (y.dtype() == DType.STRING) {
                y.setString(i, NumberText.format(x, i));
            } else if (x.dtype().isFloating() || isFloat8(y.dtype())) {
                setDouble(y, i, x.getDouble(i), saturate, rounding);
            } else if (x.dtype() == DType.UINT64) {
                y.setUnsigned(i, x.getLong(i));
            } else {
                y.setLong(i, x.getLong(i));
            }
        }
        return y;
    }

    private static boolean isFloat8(DType type) {
        return type.isFloating() && type.bits() == Byte.SIZE;
    }

    private static void setDouble(Tensor y, long i, double value, boolean saturate, Float8.Rounding rounding) {
        DType type = y.dtype();
        if (type == DType.FLOAT8E8M0) {
            y.setBits(i, Float8.toE8M0(value, saturate, rounding));
        } else if (isFloat8(type)) {
            // The standard's table gives NaN for infinities in the FNUZ types; its tests saturate them.
            boolean beyond = saturate && Double.isInfinite(value);
            y.setBits(i, Float8.fromDouble(type, beyond ? Math.copySign(Double.MAX_VALUE, value) : value, saturate));
        } else {
            // The standard's table gives 6 for NaN in four bits; its tests give minus zero.
            y.setDouble(i, type == DType.FLOAT4E2M1 && Double.isNaN(value) ? -0.0 : value);
        }
    }

    private static void parse(Operands in, String text, long i, Tensor y, boolean saturate, Float8.Rounding rounding) {
        try {
            if (y.dtype().isInteger() && NumberText.isInteger(text)) {
                y.setLong(i, NumberText.parseInteger(text, y.dtype()));
            } else {
                setDouble(y, i, NumberText.parse(text, y.dtype()), saturate, rounding);
            }
        } catch (NumberFormatException e) {
            throw in.error(
                    "element " + i + " of the input is '" + NumberText.excerpt(text) + "'",
                    "a number of type " + y.dtype().text(),
                    null);
        }
    }
}
