package dev.tenon.compression;

import dev.tenon.ValueInfo;
import java.util.List;
import java.util.function.Consumer;

/** Samples in memory. */
record GivenCalls(List<Call> calls) implements Samples, Samples.Calls {
    @Override
    public Calls bind(List<ValueInfo> inputs) {
        for (int i = 0; i < calls.size(); i++) {
            calls.get(i).checked("sample " + i, inputs);
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
