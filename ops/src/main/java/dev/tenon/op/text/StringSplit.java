package dev.tenon.op.text;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits strings into pieces along a new last axis. Its length is the largest number of pieces; unused places hold
 * empty strings. The second output is the number of pieces of each string.
 *
 * @param delimiter the text between pieces; null or empty for any white space, which is then removed at the ends too
 * @param maxsplit the largest number of splits, from the left; below 0 for no limit
 */
public record StringSplit(String delimiter, long maxsplit) implements Op {
    /** Parameters: the strings. Results: the pieces and their numbers. */
    public static final OpSchema SCHEMA = OpSchema.of("StringSplit")
            .input("X", "T")
            .output("Y", "T")
            .output("Z", "I")
            .where("T", Types.set(DType.STRING))
            .where("I", Types.INT64);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute has a value that is not allowed
     */
    public static StringSplit of(Attributes a) {
        return new StringSplit(a.string("delimiter", null), a.integer("maxsplit", -1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("delimiter", delimiter).unless("maxsplit", maxsplit, -1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        Shape shape = c.shape(0);
        Shape pieces = Shape.unknownRank();
        if (shape.hasRank()) {
            List<Dim> dims = new ArrayList<>(shape.dims());
            dims.add(c.freshDim());
            pieces = Shape.of(dims);
        }
        return List.of(new TensorType(DType.STRING, pieces), new TensorType(DType.INT64, shape));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        List<List<String>> all = new ArrayList<>();
        int most = 0;
        Tensor counts = Tensor.allocate(DType.INT64, x.dims());
        for (long e = 0; e < x.size(); e++) {
            List<String> pieces = pieces(x.getString(e));
            all.add(pieces);
            most = Math.max(most, pieces.size());
            counts.setLong(e, pieces.size());
        }
        long[] dims = Arrays.copyOf(x.dims(), x.rank() + 1);
        dims[x.rank()] = most;
        Tensor y = Tensor.allocate(DType.STRING, dims);
        for (int e = 0; e < all.size(); e++) {
            for (int k = 0; k < most; k++) {
                y.setString(
                        (long) e * most + k, k < all.get(e).size() ? all.get(e).get(k) : "");
            }
        }
        return List.of(y, counts);
    }

    private List<String> pieces(String s) {
        boolean white = delimiter == null || delimiter.isEmpty();
        List<String> pieces = new ArrayList<>();
        String text = white ? s.strip() : s;
        if (text.isEmpty()) {
            return pieces;
        }
        int from = 0;
        while (maxsplit < 0 || pieces.size() < maxsplit) {
            int end = white ? white(text, from, true) : text.indexOf(delimiter, from);
            if (end < 0 || end == text.length() && white) {
                break;
            }
            pieces.add(text.substring(from, end));
            from = white ? white(text, end, false) : end + delimiter.length();
        }
        pieces.add(text.substring(from));
        return pieces;
    }

    /** The first place that is white space, or the first that is not. */
    private static int white(String s, int from, boolean wanted) {
        int i = from;
        while (i < s.length() && Character.isWhitespace(s.charAt(i)) != wanted) {
            i++;
        }
        return i;
    }
}
