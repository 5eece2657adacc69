package dev.tenon.benchmarks.decoder;

import dev.tenon.benchmarks.engine.LlamaCpp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Texts by llama.cpp: prompts in one step, then a step for each token of all texts. */
final class LlamaWriter implements Writer {
    private final LlamaCpp.Decoder decoder;

    /**
     * Loads a decoder.
     *
     * @param llama the engine
     * @param file the file
     * @param threads the threads of a step
     * @param texts the most texts together
     */
    LlamaWriter(LlamaCpp llama, Path file, int threads, int texts) {
        decoder = llama.load(file, threads, CONTEXT, texts, false);
    }

    @Override
    public Time write(List<int[]> prompts, int tokens) {
        long start = System.nanoTime();
        List<Integer> places = new ArrayList<>();
        int place = 0;
        for (int text = 0; text < prompts.size(); text++) {
            int[] ids = prompts.get(text);
            decoder.forget(text, 0);
            for (int i = 0; i < ids.length; i++) {
                decoder.put(ids[i], i, text, i == ids.length - 1);
            }
            place += ids.length;
            places.add(place - 1);
        }
        decoder.run();
        int[] last = places.stream().mapToInt(this::likeliest).toArray();
        double first = System.nanoTime() - start;
        for (int token = 1; token < tokens; token++) {
            for (int text = 0; text < last.length; text++) {
                decoder.put(last[text], prompts.get(text).length + token - 1, text, true);
            }
            decoder.run();
            for (int text = 0; text < last.length; text++) {
                last[text] = likeliest(text);
            }
        }
        return new Time(first, System.nanoTime() - start - first);
    }

    private int likeliest(int place) {
        MemorySegment logits = decoder.logits(place);
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < decoder.vocabulary(); i++) {
            float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            if (logit > most) {
                most = logit;
                best = i;
            }
        }
        return best;
    }

    @Override
    public void close() {
        decoder.close();
    }
}
