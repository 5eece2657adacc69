package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Samples in memory. */
record GivenCalls(List<Call> calls) implements Samples, Samples.Calls {
    @Override
    public Calls bind(List<ValueInfo> inputs) {
        String names = inputs.stream().map(ValueInfo::name).collect(Collectors.joining(", "));
        for (int i = 0; i < calls.size(); i++) {
            Map<String, Tensor> call = calls.get(i).inputs();
            String thing = "sample " + i;
            for (ValueInfo input : inputs) {
                Tensor t = call.get(input.name());
                if (t == null) {
                    throw new CompressionException(thing, "no input '" + input.name() + "'", names, null);
                }
                if (!input.type().accepts(t.type())) {
                    throw new CompressionException(
                            thing,
                            "input '" + input.name() + "' of type " + t.type(),
                            input.type().text(),
                            null);
                }
            }
        }
        return this;
    }

    @Override
    public long samples() {
        return calls.stream().mapToLong(Call::samples).sum();
    }

    @Override
    public void forEach(Consumer<Call> action) {
        calls.forEach(action);
    }
}
