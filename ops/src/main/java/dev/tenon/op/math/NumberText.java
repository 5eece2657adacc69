package dev.tenon.op.math;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.math.BigDecimal;
import java.util.Locale;

/** Numbers as text, as Cast writes and reads them. */
final class NumberText {
    /** Numbers with more digits before the point, or with this many zeros after it, are written with an exponent. */
    private static final int PLAIN_DIGITS = 16;

    private static final int PLAIN_ZEROS = 4;
    private static final int MAX_LENGTH = 4096;
    private static final int EXCERPT = 40;

    private NumberText() {}

    static String format(Tensor x, long i) {
        DType type = x.dtype();
        if (type == DType.BOOL) {
            return x.getBoolean(i) ? "True" : "False";
        }
        if (type == DType.UINT64) {
            return Long.toUnsignedString(x.getLong(i));
        }
        if (!type.isFloating()) {
            return Long.toString(x.getLong(i));
        }
        double value = x.getDouble(i);
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "INF" : "-INF";
        }
        return layOut(shortest(type, value));
    }

    /** The shortest digits that give the number back in its own type. Java computes them for float32 and float64. */
    private static String shortest(DType type, double value) {
        if (type == DType.FLOAT64) {
            return Double.toString(value);
        }
        String exact = Float.toString((float) value);
        if (type == DType.FLOAT32) {
            return exact;
        }
        Tensor probe = Tensor.allocate(type, 1);
        for (int digits = 1; digits < exact.length(); digits++) {
            String candidate = String.format((Locale) null, "%." + (digits - 1) + "e", value);
            probe.setDouble(0, Double.parseDouble(candidate));
            if (probe.getDouble(0) == value) {
                return candidate;
            }
        }
        return exact;
    }

    private static String layOut(String digits) {
        BigDecimal value = new BigDecimal(digits).stripTrailingZeros();
        if (value.signum() == 0) {
            return digits.startsWith("-") ? "-0.0" : "0.0";
        }
        int exponent = value.precision() - value.scale() - 1;
        if (exponent >= -PLAIN_ZEROS && exponent < PLAIN_DIGITS) {
            return value.setScale(Math.max(1, value.scale())).toPlainString();
        }
        String mantissa = value.scaleByPowerOfTen(-exponent).toPlainString();
        return mantissa + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    /** Whether a text consists of an optional sign and digits. */
    static boolean isInteger(String text) {
        int from = !text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
        boolean digits = text.length() > from;
        for (int i = from; i < text.length() && digits; i++) {
            digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return digits;
    }

    static long parseInteger(String text, DType type) {
        return type == DType.UINT64 && !text.startsWith("-") ? Long.parseUnsignedLong(text) : Long.parseLong(text);
    }

    /** A number in decimal or scientific notation, an infinity or NaN; rounded once for float32 and float64. */
    static double parse(String text, DType type) {
        switch (text.toUpperCase(Locale.ROOT)) {
            case "INF", "+INF":
                return Double.POSITIVE_INFINITY;
            case "-INF":
                return Double.NEGATIVE_INFINITY;
            case "NAN":
                return Double.NaN;
            case "TRUE":
                return 1;
            case "FALSE":
                return 0;
            default:
                break;
        }
        // Java's own parsers also accept suffixes, hexadecimal numbers and surrounding space.
        for (int i = 0; i < text.length(); i++) {
            if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
                throw new NumberFormatException("no decimal number");
            }
        }
        if (text.length() > MAX_LENGTH) {
            throw new NumberFormatException("more than " + MAX_LENGTH + " characters");
        }
        return type == DType.FLOAT32 ? Float.parseFloat(text) : Double.parseDouble(text);
    }

    static String excerpt(String text) {
        return text.length() <= EXCERPT ? text : text.substring(0, EXCERPT) + "…";
    }
}
