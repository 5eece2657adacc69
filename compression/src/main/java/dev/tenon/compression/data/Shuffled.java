package dev.tenon.compression.data;

import dev.tenon.compression.Samples;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** Calls in a seeded order, block by block. */
record Shuffled(Samples.Calls calls, long seed, long blockBytes) implements Samples.Calls {
    @Override
    public long samples() {
        return calls.samples();
    }

    @Override
    public boolean isShuffled() {
        return true;
    }

    @Override
    public void forEach(Consumer<Samples.Call> action) {
        Random random = new Random(seed);
        List<Samples.Call> block = new ArrayList<>();
        long[] bytes = {0};
        calls.forEach(call -> {
            long size =
                    call.inputs().values().stream().mapToLong(t -> t.byteSize()).sum();
            if (!block.isEmpty() && bytes[0] + size > blockBytes) {
                give(block, random, action);
                bytes[0] = 0;
            }
            block.add(call);
            bytes[0] += size;
        });
        give(block, random, action);
    }

    private static void give(List<Samples.Call> block, Random random, Consumer<Samples.Call> action) {
        Collections.shuffle(block, random);
        block.forEach(action);
        block.clear();
    }
}
