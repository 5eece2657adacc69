package dev.tenon.compression.data;

import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/** Rows of token ids for a decoder. */
record TokenRows(Tensor ids) {
    private static final String IDS = "input_ids";
    private static final String PAST = "past_key_values.";

    Samples.Calls bind(List<ValueInfo> inputs) {
        if (ids.rank() != 2 || !ids.dtype().isInteger() || ids.size() == 0) {
            throw new CompressionException("token ids", ids.type().text(), "integers of [samples, tokens]", null);
        }
        if (inputs.stream().noneMatch(input -> input.name().equals(IDS))) {
            throw unfit(inputs);
        }
        one(0, inputs);
        return new RawSamples.Streamed(ids.dim(0), action -> read(inputs, action));
    }

    private static CompressionException unfit(List<ValueInfo> inputs) {
        return new CompressionException(
                "rows of token ids",
                "a model with the inputs "
                        + String.join(", ", inputs.stream().map(ValueInfo::name).toList()),
                IDS + ", and attention_mask, position_ids and " + PAST + "N.key and .value",
                "save arrays of the inputs with NumPy");
    }

    private void read(List<ValueInfo> inputs, Consumer<Samples.Call> action) {
        for (long row = 0; row < ids.dim(0); row++) {
            action.accept(one(row, inputs));
        }
    }

    private Samples.Call one(long row, List<ValueInfo> inputs) {
        int tokens = (int) ids.dim(1);
        Map<String, Tensor> call = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            if (!(input.type() instanceof TensorType type) || !type.shape().hasRank()) {
                throw unfit(inputs);
            }
            call.put(
                    input.name(),
                    switch (input.name()) {
                        case IDS ->
                            integers(
                                    type,
                                    LongStream.range(row * tokens, (row + 1) * tokens)
                                            .map(ids::getLong));
                        case "attention_mask" ->
                            integers(type, LongStream.generate(() -> 1).limit(tokens));
                        case "position_ids" -> integers(type, LongStream.range(0, tokens));
                        default -> noPast(input.name(), type, inputs);
                    });
        }
        return new Samples.Call(call, 1).checked("row " + row, inputs);
    }

    private static Tensor integers(TensorType type, LongStream values) {
        double[] all = values.asDoubleStream().toArray();
        return Tensor.convert(type.dtype(), all, 1, all.length);
    }

    /** Keys or values of no token. */
    private static Tensor noPast(String name, TensorType type, List<ValueInfo> inputs) {
        if (!name.startsWith(PAST) || type.shape().rank() != 4) {
            throw unfit(inputs);
        }
        long[] dims = new long[4];
        Arrays.setAll(dims, i -> type.shape().dim(i).orElse(0));
        dims[0] = 1;
        return Tensor.allocate(type.dtype(), dims);
    }
}
