package dev.tenon.kernel.table.recurrent;

import static dev.tenon.kernel.recurrent.RecurrentProblem.PEEPHOLES;
import static dev.tenon.kernel.recurrent.RecurrentProblem.R;
import static dev.tenon.kernel.recurrent.RecurrentProblem.W;
import static dev.tenon.kernel.recurrent.RecurrentProblem.X;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.recurrent.RecurrentProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem.Cell;
import dev.tenon.kernel.recurrent.RecurrentProblem.Kind;
import dev.tenon.kernel.scalar.recurrent.ScalarRecurrent;
import dev.tenon.kernel.vector.gemm.StackedPanelLayout;
import dev.tenon.kernel.vector.recurrent.VectorRecurrent;
import dev.tenon.op.Op;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.op.recurrent.RecurrentAttributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Kernels of RNN, GRU and LSTM for float32. Other element types, and empty sequences, run through the reference. */
public final class RecurrentKernels implements KernelFamily<RecurrentProblem> {
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

    /** The family. */
    public static final RecurrentKernels FAMILY = new RecurrentKernels();

    /** Smaller weights are not packed, elements of R. */
    private static final long MIN_PACKED = 256;

    static final long MAX_HIDDEN = 1 << 14;

    private RecurrentKernels() {}

    private static String refuseVector(RecurrentProblem p, Capabilities c) {
        return !p.packed() ? "the weights are not packed" : c.refuseVector(Double.POSITIVE_INFINITY);
    }

    private static RecurrentAttributes recurrence(Op op) {
        if (op instanceof LSTM lstm) {
            return lstm.recurrence();
        }
        return op instanceof GRU gru ? gru.recurrence() : ((RNN) op).recurrence();
    }

    /** The cell of an operator. */
    static Cell cell(Op op, KernelRequest step) {
        float clip = recurrence(op).clip() == null
                ? Float.POSITIVE_INFINITY
                : recurrence(op).clip();
        if (op instanceof LSTM lstm) {
            return new Cell(Kind.LSTM, lstm.functions(), clip, step.has(PEEPHOLES), lstm.inputForget());
        }
        if (op instanceof GRU gru) {
            Kind kind = gru.linearBeforeReset() ? Kind.GRU_LINEAR : Kind.GRU;
            return new Cell(kind, gru.functions(), clip, false, false);
        }
        return new Cell(Kind.RNN, ((RNN) op).functions(), clip, false, false);
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
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
    public KernelTable<RecurrentProblem> table(RecurrentProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<RecurrentProblem> problem(Op op, KernelRequest step) {
        RecurrentAttributes own = recurrence(op);
        long[] x = step.dims(X);
        long[] r = step.dims(R);
        boolean batchFirst = own.batchFirst();
        long batch = x[batchFirst ? 0 : 1];
        long steps = x[batchFirst ? 1 : 0];
        boolean sized = batch * steps > 0 && batch * steps < Integer.MAX_VALUE && x[2] > 0 && r[2] > 0;
        if (step.dtype(X) != DType.FLOAT32 || !sized || Math.max(x[2], r[2]) > MAX_HIDDEN) {
            return ProblemOrReason.none("the element type is not float32, or sequences are empty or too large");
        }
        return ProblemOrReason.of(new RecurrentProblem(
                cell(op, step),
                new RecurrentProblem.Sizes((int) r[0], (int) batch, (int) steps, (int) x[2], (int) r[2]),
                batchFirst,
                own.direction().equals("reverse"),
                step.layout(W) instanceof StackedPanelLayout,
                step.inputCount()));
    }
}
