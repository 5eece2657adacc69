package dev.tenon.kernel.table;

import static dev.tenon.kernel.recurrent.RecurrentProblem.PEEPHOLES;
import static dev.tenon.kernel.recurrent.RecurrentProblem.R;
import static dev.tenon.kernel.recurrent.RecurrentProblem.W;
import static dev.tenon.kernel.recurrent.RecurrentProblem.X;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.recurrent.QuantizedLstmProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem.Cell;
import dev.tenon.kernel.recurrent.RecurrentProblem.Kind;
import dev.tenon.kernel.scalar.recurrent.ScalarQuantizedLstm;
import dev.tenon.kernel.scalar.recurrent.ScalarRecurrent;
import dev.tenon.kernel.vector.gemm.StackedPanelLayout;
import dev.tenon.kernel.vector.recurrent.VectorRecurrent;
import dev.tenon.op.Op;
import dev.tenon.op.recurrent.DynamicQuantizeLSTM;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.op.recurrent.RecurrentAttributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Kernels of RNN, GRU and LSTM for float32. Other element types, and empty sequences, run through the reference. */
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
                            (p, c) -> p.packed() ? "the weights are packed" : null,
                            ScalarRecurrent::new)));

    /** The kernels of LSTM with weights of bytes. */
    public static final KernelTable<QuantizedLstmProblem> QUANTIZED_TABLE =
            new KernelTable<>("lstm_i8", List.of(KernelChoice.fallback("lstm_i8_scalar", ScalarQuantizedLstm::new)));

    /** The lowerings of the family. */
    static final KernelSet SET = KernelSet.empty()
            .with(RNN.class, new OfRecurrent<>(RNN::recurrence, RecurrentKernels::cell))
            .with(GRU.class, new OfRecurrent<>(GRU::recurrence, RecurrentKernels::cell))
            .with(LSTM.class, new OfRecurrent<>(LSTM::recurrence, RecurrentKernels::cell))
            .with(DynamicQuantizeLSTM.class, RecurrentKernels::quantized);

    /** Smaller weights are not packed, elements of R. */
    private static final long MIN_PACKED = 256;

    private static final long MAX_HIDDEN = 1 << 14;

    private RecurrentKernels() {}

    private static String refuseVector(RecurrentProblem p, Capabilities c) {
        return !p.packed() ? "the weights are not packed" : c.refuseVector(Double.POSITIVE_INFINITY);
    }

    private static Cell cell(RNN op, KernelRequest step) {
        return new Cell(Kind.RNN, op.functions(), clip(op.recurrence()), false, false);
    }

    private static Cell cell(GRU op, KernelRequest step) {
        Kind kind = op.linearBeforeReset() ? Kind.GRU_LINEAR : Kind.GRU;
        return new Cell(kind, op.functions(), clip(op.recurrence()), false, false);
    }

    private static Cell cell(LSTM op, KernelRequest step) {
        return new Cell(Kind.LSTM, op.functions(), clip(op.recurrence()), step.has(PEEPHOLES), op.inputForget());
    }

    private static Kernel quantized(DynamicQuantizeLSTM op, KernelRequest step) {
        RecurrentAttributes own = op.lstm().recurrence();
        boolean batchFirst = own.batchFirst();
        long[] x = step.dims(X);
        long[] r = step.dims(R);
        long batch = x[batchFirst ? 0 : 1];
        long steps = x[batchFirst ? 1 : 0];
        boolean sized = batch * steps > 0 && batch * steps < Integer.MAX_VALUE && x[2] > 0 && r[1] > 0;
        int scale = QuantizedLstmProblem.W_SCALE;
        int ranks = step.dims(scale).length;
        for (int i = scale; i < scale + 4; i++) {
            sized &= step.dims(i).length == ranks;
        }
        if (!step.isRowMajor() || !sized || Math.max(x[2], r[1]) > MAX_HIDDEN || step.dtype(W) != step.dtype(R)) {
            return null;
        }
        return QUANTIZED_TABLE.prepare(
                new QuantizedLstmProblem(
                        new RecurrentProblem(
                                cell(op.lstm(), step),
                                new RecurrentProblem.Sizes(
                                        (int) r[0], (int) batch, (int) steps, (int) x[2], (int) r[1]),
                                batchFirst,
                                own.direction().equals("reverse"),
                                false,
                                step.inputCount()),
                        step.dtype(W) == DType.INT8,
                        ranks == 2),
                step.capabilities());
    }

    private static float clip(RecurrentAttributes r) {
        return r.clip() == null ? Float.POSITIVE_INFINITY : r.clip();
    }

    private record OfRecurrent<O extends Op>(
            Function<O, RecurrentAttributes> recurrence, BiFunction<O, KernelRequest, Cell> cell)
            implements KernelLowering<O> {
        @Override
        public Layout constantLayout(O op, int input, KernelRequest step) {
            Tensor w = step.constant(W);
            Tensor r = step.constant(R);
            boolean weights = input == W || input == R;
            if (!weights || w == null || r == null || !step.capabilities().vector()) {
                return Layout.ROW_MAJOR;
            }
            long hidden = r.dim(2);
            boolean packable = w.dtype() == DType.FLOAT32
                    && hidden > 0
                    && hidden <= MAX_HIDDEN
                    && w.dim(2) > 0
                    && w.dim(2) <= MAX_HIDDEN
                    && r.size() >= MIN_PACKED;
            return packable
                    ? new StackedPanelLayout(step.capabilities().vectorBits() / Float.SIZE * 2, (int) hidden)
                    : Layout.ROW_MAJOR;
        }

        @Override
        public Kernel prepare(O op, KernelRequest step) {
            RecurrentAttributes own = recurrence.apply(op);
            long[] x = step.dims(X);
            long[] r = step.dims(R);
            boolean batchFirst = own.batchFirst();
            long batch = x[batchFirst ? 0 : 1];
            long steps = x[batchFirst ? 1 : 0];
            boolean sized = batch * steps > 0 && batch * steps < Integer.MAX_VALUE && x[2] > 0 && r[2] > 0;
            if (step.dtype(X) != DType.FLOAT32 || !sized || Math.max(x[2], r[2]) > MAX_HIDDEN) {
                return null;
            }
            return TABLE.prepare(
                    new RecurrentProblem(
                            cell.apply(op, step),
                            new RecurrentProblem.Sizes((int) r[0], (int) batch, (int) steps, (int) x[2], (int) r[2]),
                            batchFirst,
                            own.direction().equals("reverse"),
                            step.layout(W) instanceof StackedPanelLayout,
                            step.inputCount()),
                    step.capabilities());
        }
    }
}
