package dev.tenon.kernel;

import dev.tenon.kernel.RecurrentProblem.Kind;
import dev.tenon.kernel.scalar.ScalarRecurrent;
import dev.tenon.kernel.vector.VectorRecurrent;
import dev.tenon.op.Op;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.op.recurrent.Recurrence;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Kernels of RNN, GRU and LSTM. Other element types than float32, activations other than the operators' own, bounds,
 * peepholes, coupled gates, and lengths that are not constant run through the reference.
 */
public final class RecurrentKernels {
    /** The kernels of the family. */
    public static final KernelTable<RecurrentProblem> TABLE = new KernelTable<>(
            "recurrent",
            List.of(
                    new KernelChoice<>(
                            "recurrent_f32_vector",
                            RecurrentKernels::refuseVector,
                            (p, c) -> VectorRecurrent.of(p, Tiling.of(c))),
                    new KernelChoice<>(
                            "recurrent_f32_scalar",
                            (p, c) -> p.packed() ? "packed weights" : null,
                            ScalarRecurrent::new)));

    /** The operators of the family. */
    public static final KernelSet SET = KernelSet.empty()
            .with(RNN.class, new OfRecurrent<>(op -> own(op.recurrence(), "tanh") ? Kind.RNN : null, RNN::recurrence))
            .with(
                    GRU.class,
                    new OfRecurrent<>(
                            op -> !own(op.recurrence(), "sigmoid", "tanh")
                                    ? null
                                    : op.linearBeforeReset() ? Kind.GRU_LINEAR : Kind.GRU,
                            GRU::recurrence))
            .with(
                    LSTM.class,
                    new OfRecurrent<>(
                            op -> !op.inputForget() && own(op.recurrence(), "sigmoid", "tanh", "tanh")
                                    ? Kind.LSTM
                                    : null,
                            LSTM::recurrence));

    private static final int W = 1;
    private static final int R = 2;
    private static final int LENGTHS = 4;
    private static final int INITIAL = 5;
    private static final int PEEPHOLES = 7;
    private static final long LEAST_PACKED = 256;
    private static final long MOST_HIDDEN = 1 << 14;

    private RecurrentKernels() {}

    private static String refuseVector(RecurrentProblem p, Capabilities c) {
        return !p.packed() ? "weights that are not packed" : c.refuseVector(Double.POSITIVE_INFINITY);
    }

    /** Whether an operator has the activations that it has by default, in all directions, and no bound. */
    private static boolean own(Recurrence r, String... standard) {
        List<String> names = r.activations();
        for (int i = 0; i < names.size(); i++) {
            if (!names.get(i).toLowerCase(Locale.ROOT).equals(standard[i % standard.length])) {
                return false;
            }
        }
        return r.clip() == null;
    }

    private record OfRecurrent<O extends Op>(Function<O, Kind> kind, Function<O, Recurrence> recurrence)
            implements OpKernels<O> {
        @Override
        public Layout constantLayout(O op, int input, StepRequest step) {
            Tensor w = step.constant(W);
            Tensor r = step.constant(R);
            boolean weights = input == W || input == R;
            if (!weights
                    || w == null
                    || r == null
                    || kind.apply(op) == null
                    || !step.capabilities().vector()) {
                return Layout.ROW_MAJOR;
            }
            long hidden = r.dim(2);
            boolean packable = w.dtype() == DType.FLOAT32
                    && hidden > 0
                    && hidden <= MOST_HIDDEN
                    && w.dim(2) > 0
                    && w.dim(2) <= MOST_HIDDEN
                    && r.size() >= LEAST_PACKED
                    && !step.has(PEEPHOLES)
                    && (!step.has(LENGTHS) || step.constant(LENGTHS) != null);
            return packable
                    ? new StackedPanelLayout(step.capabilities().vectorBits() / Float.SIZE * 2, (int) hidden)
                    : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(O op, StepRequest step) {
            Kind cell = kind.apply(op);
            long[] x = step.dims(0);
            long[] r = step.dims(R);
            boolean first = recurrence.apply(op).batchFirst();
            long batch = x[first ? 0 : 1];
            long steps = x[first ? 1 : 0];
            boolean sized = batch * steps > 0 && batch * steps < Integer.MAX_VALUE && x[2] > 0 && r[2] > 0;
            if (cell == null
                    || step.dtype(0) != DType.FLOAT32
                    || step.has(PEEPHOLES)
                    || !sized
                    || Math.max(x[2], r[2]) > MOST_HIDDEN) {
                return null;
            }
            Tensor lengths = step.constant(LENGTHS);
            int[] given = lengths == null ? null : lengths.toIntArray();
            if (step.has(LENGTHS) && !fit(given, steps)) {
                return null;
            }
            return TABLE.prepare(
                    new RecurrentProblem(
                            cell,
                            first,
                            (int) r[0],
                            recurrence.apply(op).direction().equals("reverse"),
                            (int) batch,
                            (int) steps,
                            (int) x[2],
                            (int) r[2],
                            given,
                            step.has(3),
                            step.has(INITIAL),
                            cell == Kind.LSTM && step.has(INITIAL + 1),
                            step.layout(W) instanceof StackedPanelLayout,
                            step.inputCount()),
                    step.capabilities());
        }

        private static boolean fit(int[] lengths, long steps) {
            if (lengths == null) {
                return false;
            }
            for (int n : lengths) {
                if (n < 0 || n > steps) {
                    return false;
                }
            }
            return true;
        }
    }
}
