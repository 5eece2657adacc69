package dev.tenon.tensor;

/** Texts of tensors: the type and the first elements. */
final class TensorText {
    private static final int SHOWN = 10;

    private TensorText() {}

    static String of(Tensor t) {
        StringBuilder out = new StringBuilder(t.type().text()).append(" {");
        for (long i = 0; i < Math.min(t.size(), SHOWN); i++) {
            out.append(i == 0 ? "" : ", ").append(element(t, i));
        }
        return out.append(t.size() > SHOWN ? ", …}" : "}").toString();
    }

    private static String element(Tensor t, long i) {
        return switch (t.dtype()) {
            case STRING -> TextReader.quote(TextReader.excerpt(t.getString(i)));
            case BOOL -> Boolean.toString(t.getBoolean(i));
            case UINT64 -> Long.toUnsignedString(t.getLong(i));
            case FLOAT64 -> Double.toString(t.getDouble(i));
            case COMPLEX64, COMPLEX128 -> {
                double imaginary = t.getImaginary(i);
                boolean minus = Double.doubleToRawLongBits(imaginary) < 0;
                yield part(t, t.getReal(i)) + (minus ? "-" : "+") + part(t, Math.abs(imaginary)) + "i";
            }
            default -> t.dtype().isFloating() ? Float.toString(t.getFloat(i)) : Long.toString(t.getLong(i));
        };
    }

    private static String part(Tensor t, double part) {
        return t.dtype() == DType.COMPLEX64 ? Float.toString((float) part) : Double.toString(part);
    }
}
