package dev.tenon.compression.data;

import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.table.TableBatch;
import dev.tenon.table.TableInput;
import dev.tenon.table.TableRows;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The rows of a table. */
record TableFile(TableInput table, Supplier<? extends TableRows> rows) {
    private static final int MOST_ROWS = 64;

    Samples.Calls bind(List<ValueInfo> inputs) {
        int batch = batch(inputs);
        RawSamples.Streamed calls = RawSamples.Streamed.counted(action -> read(inputs, batch, action));
        if (calls.samples() == 0) {
            throw new CompressionException("rows of a table", "none", "at least one", null);
        }
        return calls;
    }

    /** The rows that the model takes at a time. */
    private static int batch(List<ValueInfo> inputs) {
        for (ValueInfo input : inputs) {
            if (input.type() instanceof TensorType t
                    && t.shape().hasRank()
                    && t.shape().rank() > 0) {
                Dim rows = t.shape().dim(0);
                if (rows.isKnown() && rows.value() > 0) {
                    return (int) Math.min(rows.value(), 1 << 20);
                }
            }
        }
        return MOST_ROWS;
    }

    private void read(List<ValueInfo> inputs, int batch, Consumer<Samples.Call> action) {
        TableRows cursor = rows.get();
        try {
            TableBatch next = table.batches(cursor, batch);
            while (next.next()) {
                Map<String, Tensor> call = new LinkedHashMap<>();
                next.inputs().forEach((name, tensor) -> call.put(name, tensor.copy()));
                String thing = cursor.name(next.first()) + " and after";
                action.accept(new Samples.Call(call, next.count()).checked(thing, inputs));
            }
        } finally {
            close(cursor);
        }
    }

    private static void close(TableRows cursor) {
        if (cursor instanceof AutoCloseable open) {
            try {
                open.close();
            } catch (Exception e) {
                throw new CompressionException("rows of a table", e.toString(), "rows that can be closed", null, e);
            }
        }
    }
}
