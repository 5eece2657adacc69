package dev.tenon.benchmarks.decoder;

import dev.tenon.Model;
import dev.tenon.Precision;
import dev.tenon.SessionOptions;
import dev.tenon.generation.cache.PagedDecoder;
import dev.tenon.generation.cache.Step;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.serving.Call;
import dev.tenon.tensor.DType;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** A decoder of Tenon with one sequence in pages. */
final class TenonDecoder implements AutoCloseable {
    private final PagedDecoder decoder;
    private final int[][] pages;

    /**
     * Loads a decoder.
     *
     * @param file the file
     * @param threads the threads of a step
     * @param context the most tokens of the sequence
     * @param pageType the type of keys and values in pages
     * @param precision whether products round activations
     */
    TenonDecoder(Path file, int threads, int context, DType pageType, Precision precision) {
        int columns = Math.ceilDiv(context, PagedAttention.PAGE_TOKENS);
        pages = new int[][] {IntStream.rangeClosed(1, columns).toArray()};
        decoder = PagedDecoder.of(
                Model.load(file),
                new PagedDecoder.Sizes(columns + 1, 1, context, pageType),
                SessionOptions.standard().threads(threads).precision(precision));
    }

    int vocabulary() {
        return decoder.vocabulary();
    }

    /**
     * Runs tokens.
     *
     * @param ids the tokens
     * @param from the position of the first one
     * @param all whether all rows of logits are wanted, otherwise the last one
     * @return the logits, a row after the other
     */
    float[] step(int[] ids, int from, boolean all) {
        int[] positions = IntStream.range(from, from + ids.length).toArray();
        int[] rows = IntStream.range(all ? 0 : ids.length - 1, ids.length).toArray();
        float[] logits = new float[rows.length * vocabulary()];
        decoder.run(new Step(ids, new int[ids.length], positions, pages, rows), logits, Call.standard());
        return logits;
    }

    @Override
    public void close() {
        decoder.close();
    }
}
