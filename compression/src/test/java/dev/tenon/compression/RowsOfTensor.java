package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Rows of a tensor, some at a call.
 *
 * @param input the name of the input
 * @param x the tensor
 * @param rowsOfCall the rows of a call
 */
public record RowsOfTensor(String input, Tensor x, int rowsOfCall) implements Samples, Samples.Calls {
    @Override
    public Calls bind(List<ValueInfo> inputs) {
        return this;
    }

    @Override
    public long samples() {
        return x.dim(0);
    }

    @Override
    public void forEach(Consumer<Call> action) {
        for (long from = 0; from < x.dim(0); from += rowsOfCall) {
            long to = Math.min(x.dim(0), from + rowsOfCall);
            action.accept(new Call(Map.of(input, x.slice(from, to)), to - from));
        }
    }
}
