package dev.tenon.op.recurrent;

import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
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
 * {@link LSTM} with weights of 8 bits, of the domain {@code com.microsoft}. The factors of the weights are quantised to
 * uint8 and back before. The sequences are quantised by their least and greatest element, with 0 among them. The hidden
 * states of all sequences are quantised by theirs in each step, and once more in the step after a sequence has ended.
 *
 * @param lstm the operator on numbers that are not quantised
 */
public record DynamicQuantizeLSTM(LSTM lstm) implements Op {
    /**
     * Inputs of {@link LSTM}, but with W [directions, input, 4 hidden] and R [directions, hidden, 4 hidden]; then
     * scales and zero points of each of these, [directions] or [directions, 4 hidden]. Outputs of {@link LSTM}.
     */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "DynamicQuantizeLSTM")
            .input("X", "T")
            .input("W", "T2")
            .input("R", "T2")
            .optional("B", "T")
            .optional("sequence_lens", "T1")
            .optional("initial_h", "T")
            .optional("initial_c", "T")
            .optional("P", "T")
            .input("W_scale", "T")
            .input("W_zero_point", "T2")
            .input("R_scale", "T")
            .input("R_zero_point", "T2")
            .optionalOutput("Y", "T")
            .optionalOutput("Y_h", "T")
            .optionalOutput("Y_c", "T")
            .where("T", Types.FLOAT32)
            .where("T1", Types.set(DType.INT32))
            .where("T2", Types.set(DType.INT8, DType.UINT8))
            .numerics(Recurrence.NUMERICS);

    private static final int[] WEIGHTS = {1, 2};
    private static final int SCALE = 8;
    private static final int PLAIN = 8;
    private static final double LEVELS = 255;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute has a value that is not allowed
     */
    public static DynamicQuantizeLSTM of(Attributes a) {
        return new DynamicQuantizeLSTM(LSTM.of(a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return lstm.attributes();
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        List<InferContext.Operand> plain = new ArrayList<>();
        for (int i = 0; i < PLAIN; i++) {
            plain.add(i < c.inputCount() && c.has(i) ? new InferContext.Operand(c.type(i)) : null);
        }
        for (int i : WEIGHTS) {
            Shape w = c.shape(i);
            if (w.hasRank() && w.rank() != 3) {
                throw c.error("'" + SCHEMA.inputs().get(i).name() + "' has shape " + w, "rank 3", null);
            }
            Shape turned = w.hasRank() ? Shape.of(w.dim(0), w.dim(2), w.dim(1)) : w;
            plain.set(i, new InferContext.Operand(new TensorType(DType.FLOAT32, turned)));
            for (int k = 0; k < 2; k++) {
                checkParameter(c, SCALE + 2 * (i - 1) + k, w);
            }
        }
        return lstm.infer(new InferContext(this, "", plain, c.outputCount(), c::freshDim));
    }

    private static void checkParameter(InferContext c, int input, Shape w) {
        Shape s = c.shape(input);
        if (!s.hasRank() || !w.hasRank()) {
            return;
        }
        boolean fits = (s.rank() == 1 || s.rank() == 2 && equal(s.dim(1), w.dim(2))) && equal(s.dim(0), w.dim(0));
        if (!fits) {
            throw c.error(
                    "'" + SCHEMA.inputs().get(input).name() + "' has shape " + s,
                    "[" + w.dim(0) + "] or [" + w.dim(0) + "," + w.dim(2) + "]",
                    null);
        }
    }

    private static boolean equal(Dim a, Dim b) {
        return !a.isKnown() || !b.isKnown() || a.equals(b);
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor[] plain = new Tensor[PLAIN];
        for (int i = 0; i < PLAIN; i++) {
            plain[i] = in.tensorOrNull(i);
        }
        plain[0] = sequences(in.tensor(0), plain[4]);
        for (int i : WEIGHTS) {
            plain[i] = weights(in.tensor(i), in.tensor(SCALE + 2 * (i - 1)), in.tensor(SCALE + 2 * (i - 1) + 1));
        }
        for (int i : new int[] {3, 5, 6, 7}) {
            plain[i] = plain[i] == null ? null : wide(plain[i]);
        }
        List<Datum> results = new ArrayList<>();
        Operands wide = new Operands(lstm, "", Arrays.asList(plain), in.outputs());
        for (Datum d : lstm.run(wide, DynamicQuantizeLSTM::throughBytes)) {
            results.add(narrow((Tensor) d));
        }
        return results;
    }

    /** The sequences after quantisation. Only steps count that the longest sequence has. */
    private Tensor sequences(Tensor x, Tensor lengths) {
        boolean batchFirst = lstm.recurrence().batchFirst();
        long steps = x.dim(batchFirst ? 1 : 0);
        long batch = x.dim(batchFirst ? 0 : 1);
        int input = Math.toIntExact(x.dim(2));
        long longest = lengths == null ? steps : 0;
        for (long b = 0; lengths != null && b < lengths.size(); b++) {
            longest = Math.max(longest, lengths.getLong(b));
        }
        Tensor wide = wide(x);
        List<double[]> parts = new ArrayList<>();
        List<Long> places = new ArrayList<>();
        for (long row = 0; row < steps * batch; row++) {
            if ((batchFirst ? row % steps : row / batch) < longest) {
                double[] part = new double[input];
                for (int k = 0; k < input; k++) {
                    part[k] = wide.getDouble(row * input + k);
                }
                parts.add(part);
                places.add(row * input);
            }
        }
        throughBytes(parts);
        for (int i = 0; i < parts.size(); i++) {
            for (int k = 0; k < input; k++) {
                wide.setDouble(places.get(i) + k, parts.get(i)[k]);
            }
        }
        return wide;
    }

    private static Tensor wide(Tensor t) {
        Tensor wide = Tensor.allocate(DType.FLOAT64, t.dims());
        for (long i = 0; i < t.size(); i++) {
            wide.setDouble(i, t.getDouble(i));
        }
        return wide;
    }

    private static Tensor narrow(Tensor t) {
        Tensor narrow = Tensor.allocate(DType.FLOAT32, t.dims());
        for (long i = 0; i < t.size(); i++) {
            narrow.setDouble(i, t.getDouble(i));
        }
        return narrow;
    }

    /** The numbers that quantised weights stand for, [directions, 4 hidden, columns]. */
    private static Tensor weights(Tensor q, Tensor scale, Tensor zero) {
        long rows = q.dim(1);
        long gates = q.dim(2);
        Tensor w = Tensor.allocate(DType.FLOAT64, q.dim(0), gates, rows);
        for (long i = 0; i < q.size(); i++) {
            long direction = i / gates / rows;
            long gate = i % gates;
            long row = i / gates % rows;
            double value = q.getLong(i) - zero.getLong(zero.rank() == 1 ? direction : direction * gates + gate);
            w.setDouble(
                    (direction * gates + gate) * rows + row,
                    value * scale.getDouble(scale.rank() == 1 ? direction : direction * gates + gate));
        }
        return w;
    }

    /** Quantises numbers to uint8 with one scale for all, and back. */
    private static void throughBytes(List<double[]> parts) {
        double least = 0;
        double greatest = 0;
        for (double[] part : parts) {
            for (double v : part) {
                least = Math.min(least, v);
                greatest = Math.max(greatest, v);
            }
        }
        double scale = greatest == least ? 1 : (float) ((greatest - least) / LEVELS);
        double zero = Math.clamp(Math.rint(-least / scale), 0, LEVELS);
        for (double[] part : parts) {
            for (int i = 0; i < part.length; i++) {
                part[i] = (Math.clamp(Math.rint(part[i] / scale) + zero, 0, LEVELS) - zero) * scale;
            }
        }
    }
}
