package dev.tenon.benchmarks.trees;

import dev.tenon.Model;
import dev.tenon.PreparedCall;
import dev.tenon.SessionOptions;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.benchmarks.engine.Values;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Trees in Tenon, read from the file of the tool that trained them. */
public final class TenonTrees implements PreparedRun {
    private final CycledRows rows;
    private final PreparedCall call;
    private final Tensor input;

    /**
     * Loads trees.
     *
     * @param file the file
     * @param rows the rows of the calls
     * @param threads the threads of a call
     */
    public TenonTrees(Path file, CycledRows rows, int threads) {
        this.rows = rows;
        Model model = Model.load(file);
        DType type = ((TensorType) model.inputs().getFirst().type()).dtype();
        input = Tensor.allocateNative(type, rows.rows(), rows.columns());
        call = model.session(SessionOptions.standard().threads(threads)).prepare(Map.of("features", input));
    }

    @Override
    public void run() {
        copy(rows, input.dtype(), input.segment());
        call.run();
    }

    /** Copies the next rows to memory. */
    static void copy(CycledRows rows, DType type, MemorySegment to) {
        int from = rows.next();
        int cells = rows.rows() * rows.columns();
        float[] table = rows.table();
        if (type == DType.FLOAT32) {
            MemorySegment.copy(table, from, to, ValueLayout.JAVA_FLOAT, 0, cells);
        } else {
            for (int i = 0; i < cells; i++) {
                to.setAtIndex(ValueLayout.JAVA_DOUBLE, i, table[from + i]);
            }
        }
    }

    @Override
    public float[] output() {
        return Values.floats(List.of(call.output("prediction")));
    }

    /** Does nothing. The garbage collector frees the memory. */
    @Override
    public void close() {}
}
