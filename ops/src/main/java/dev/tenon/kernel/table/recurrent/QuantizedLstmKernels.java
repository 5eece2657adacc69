package dev.tenon.kernel.table.recurrent;

import static dev.tenon.kernel.recurrent.RecurrentProblem.R;
import static dev.tenon.kernel.recurrent.RecurrentProblem.W;
import static dev.tenon.kernel.recurrent.RecurrentProblem.X;

import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.recurrent.QuantizedLstmProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem;
import dev.tenon.kernel.scalar.recurrent.ScalarQuantizedLstm;
import dev.tenon.op.Op;
import dev.tenon.op.recurrent.DynamicQuantizeLSTM;
import dev.tenon.op.recurrent.RecurrentAttributes;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of DynamicQuantizeLSTM, whose weights are bytes. Empty sequences run through the reference. */
public final class QuantizedLstmKernels implements KernelFamily<QuantizedLstmProblem> {
    /** The kernels of the family. */
    public static final KernelTable<QuantizedLstmProblem> TABLE =
            new KernelTable<>("lstm_i8", List.of(KernelChoice.fallback("lstm_i8_scalar", ScalarQuantizedLstm::new)));

    /** The family. */
    public static final QuantizedLstmKernels FAMILY = new QuantizedLstmKernels();

    private QuantizedLstmKernels() {}

    @Override
    public KernelTable<QuantizedLstmProblem> table(QuantizedLstmProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<QuantizedLstmProblem> problem(Op operator, KernelRequest step) {
        DynamicQuantizeLSTM op = (DynamicQuantizeLSTM) operator;
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
        if (!step.isRowMajor()
                || !sized
                || Math.max(x[2], r[1]) > RecurrentKernels.MAX_HIDDEN
                || step.dtype(W) != step.dtype(R)) {
            return ProblemOrReason.none(
                    "sequences are empty or too large, or the weights or their scales differ in kind");
        }
        return ProblemOrReason.of(new QuantizedLstmProblem(
                new RecurrentProblem(
                        RecurrentKernels.cell(op.lstm(), step),
                        new RecurrentProblem.Sizes((int) r[0], (int) batch, (int) steps, (int) x[2], (int) r[1]),
                        batchFirst,
                        own.direction().equals("reverse"),
                        false,
                        step.inputCount()),
                step.dtype(W) == DType.INT8,
                ranks == 2));
    }
}
