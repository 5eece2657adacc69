package dev.tenon.generation.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.generation.cache.PagedDecoder.Sizes;
import dev.tenon.graph.Node;
import dev.tenon.op.Numerics;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.serving.Call;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Decoders over pages: the logits of the same decoders with a past, the same bits in any step, bounds, and what is refused. */
@Tag("tiers")
@Tag("costly")
class PagedDecoderTest {
    private static final Sizes SIZES = new Sizes(17, 3, 300);
    private static final int VOCABULARY = TinyDecoders.VOCABULARY;

    static Model model(Family family) {
        return Model.load(
                ByteBuffer.wrap(TinyDecoders.gguf(family, DType.FLOAT32).bytes()));
    }

    static PagedDecoder decoder(Model model, int threads) {
        return PagedDecoder.of(model, SIZES, SessionOptions.standard().threads(threads));
    }

    static int[] tokens(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).map(i -> random.nextInt(VOCABULARY)).toArray();
    }

    /** The pages of three sequences: 1, 4, 7 and so on are those of the first. */
    static int[][] pages() {
        int[][] pages = new int[3][5];
        for (int s = 0; s < 3; s++) {
            for (int c = 0; c < 5; c++) {
                pages[s][c] = 1 + 3 * c + s;
            }
        }
        return pages;
    }

    /** Some tokens of one sequence; the logits of all of them are asked for. */
    static Step step(int sequence, int[] all, int from, int to) {
        int[] sequences = new int[to - from];
        Arrays.fill(sequences, sequence);
        int[] positions = IntStream.range(from, to).toArray();
        int[] rows = IntStream.range(0, to - from).toArray();
        return new Step(Arrays.copyOfRange(all, from, to), sequences, positions, pages(), rows);
    }

    /** The tokens of several steps in one. */
    private static Step joined(Step... steps) {
        int[] tokens = Arrays.stream(steps)
                .flatMapToInt(s -> Arrays.stream(s.tokens()))
                .toArray();
        int[] sequences = Arrays.stream(steps)
                .flatMapToInt(s -> Arrays.stream(s.sequences()))
                .toArray();
        int[] positions = Arrays.stream(steps)
                .flatMapToInt(s -> Arrays.stream(s.positions()))
                .toArray();
        return new Step(
                tokens,
                sequences,
                positions,
                pages(),
                IntStream.range(0, tokens.length).toArray());
    }

    static float[] run(DecoderSteps decoder, Step step) {
        float[] logits = new float[step.rows().length * VOCABULARY];
        decoder.run(step, logits, Call.standard());
        return logits;
    }

    static float[] whole(PagedDecoder decoder, int[] all) {
        return run(decoder, step(0, all, 0, all.length));
    }

    private static float[] row(float[] logits, int row) {
        return Arrays.copyOfRange(logits, row * VOCABULARY, (row + 1) * VOCABULARY);
    }

    private static void close(String what, float[] found, float[] expected, Model model) {
        double terms = 0;
        for (Node node : model.graph().nodes()) {
            terms += node.op().numerics().terms() + node.op().numerics().ulps();
        }
        float most = 0;
        for (float logit : expected) {
            most = Math.max(most, Math.abs(logit));
        }
        float[] largest = new float[expected.length];
        Arrays.fill(largest, most);
        Closeness.check(what, Tensor.of(found), Tensor.of(expected), Tensor.of(largest), new Numerics(0, terms, 8));
    }

    /** Tokens across two pages, at once and one by one, against calls with a past. */
    @ParameterizedTest
    @EnumSource
    void logitsAreThoseOfPredict(Family family) {
        Model model = model(family);
        int[] all = tokens(68, 1);
        DecoderRun past = new DecoderRun(model.session(), family);
        long[] ids = Arrays.stream(all).asLongStream().toArray();
        float[] expected = past.step(Arrays.copyOf(ids, 63)).toFloatArray();
        try (PagedDecoder decoder = decoder(model, 1)) {
            float[] found = run(decoder, step(0, all, 0, 63));
            close("the prompt", found, expected, model);
            for (int i = 63; i < all.length; i++) {
                float[] next = run(decoder, step(0, all, i, i + 1));
                close("token " + i, next, past.step(ids[i]).toFloatArray(), model);
            }
        }
    }

    /** Pages of float16 round keys and values, which are of order 1: logits differ by about as much. */
    @Test
    void pagesOfFloat16AreNear() {
        Model model = model(Family.QWEN2);
        int[] all = tokens(70, 11);
        float[] exact;
        try (PagedDecoder decoder = decoder(model, 1)) {
            exact = whole(decoder, all);
        }
        Sizes halves = new Sizes(17, 3, 300, DType.FLOAT16);
        try (PagedDecoder decoder = PagedDecoder.of(model, halves, SessionOptions.standard())) {
            float[] found = whole(decoder, all);
            float most = 0;
            float error = 0;
            for (int i = 0; i < exact.length; i++) {
                most = Math.max(most, Math.abs(exact[i]));
                error = Math.max(error, Math.abs(exact[i] - found[i]));
            }
            assertThat(error)
                    .isBetween(most * (float) DType.FLOAT32.epsilon(), 16 * most * (float) DType.FLOAT16.epsilon());
            decoder.copyPage(pages()[0][0], pages()[1][0], 64);
            for (int i = 64; i < all.length; i++) {
                Closeness.requireEqual("token " + i, run(decoder, step(1, all, i, i + 1)), row(found, i));
            }
            assertThat(decoder.session().inspect().explain(decoder.inputs(1, 1)))
                    .contains("paged_attention_f32")
                    .doesNotContain("Cast f16");
        }
    }

    /** However a sequence is cut into steps, beside whatever other sequences, on any number of threads. */
    @ParameterizedTest
    @EnumSource
    void aRowHasTheSameBitsInAnyStep(Family family) {
        Model model = model(family);
        int[] all = tokens(150, 2);
        float[] expected;
        try (PagedDecoder decoder = decoder(model, 1)) {
            expected = whole(decoder, all);
        }
        for (int chunk : new int[] {1, 7, 33, 64}) {
            try (PagedDecoder decoder = decoder(model, chunk == 33 ? 4 : 1)) {
                for (int from = 0; from < all.length; from += chunk) {
                    int to = Math.min(all.length, from + chunk);
                    Step mine = step(1, all, from, to);
                    Step step = chunk == 1 || chunk == 64 ? mine : joined(beside(from, 0), mine, beside(from, 2));
                    float[] found = run(decoder, step);
                    int first = (step.tokens().length - mine.tokens().length) / 2;
                    for (int i = from; i < to; i++) {
                        Closeness.requireEqual(
                                family + ", steps of " + chunk + ", token " + i,
                                row(found, first + i - from),
                                row(expected, i));
                    }
                }
            }
        }
    }

    /** A token of another sequence, at a position that the step before has reached. */
    private static Step beside(int from, int sequence) {
        int[] other = tokens(300, sequence);
        int position = from / 7;
        return step(sequence, other, position, position + 1);
    }

    /** ONNX files have the same masks and pairs as the graph that they were written from. */
    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "GEMMA3"})
    void decodersInOnnxFilesRunOnPages(Family family, @TempDir Path folder) {
        Model model = model(family);
        Path file = folder.resolve("decoder.onnx");
        model.save(file);
        int[] all = tokens(20, 12);
        try (PagedDecoder decoder = decoder(model, 1);
                PagedDecoder saved = decoder(Model.load(file), 1)) {
            Closeness.requireEqual("of the file", whole(saved, all), whole(decoder, all));
        }
    }

    @Test
    void blocksHaveTheSameBitsInAnyStep() {
        Model model = Model.load(ByteBuffer.wrap(
                TinyDecoders.blocks(Family.QWEN2, BlockFormat.Q4_0, false).bytes()));
        int[] all = tokens(70, 3);
        try (PagedDecoder decoder = decoder(model, 2)) {
            float[] expected = whole(decoder, all);
            for (int i = 0; i < all.length; i++) {
                Closeness.requireEqual("token " + i, run(decoder, step(1, all, i, i + 1)), row(expected, i));
            }
        }
    }

    @Test
    void onlyRowsThatAreAskedForAreComputed() {
        Model model = model(Family.LLAMA);
        int[] all = tokens(40, 4);
        try (PagedDecoder decoder = decoder(model, 1)) {
            float[] expected = whole(decoder, all);
            Step step = step(0, all, 0, all.length);
            for (int[] rows : new int[][] {{}, {39}, {0, 17, 39}, {1, 2, 3, 4, 5}}) {
                float[] found = new float[rows.length * VOCABULARY + 1];
                found[rows.length * VOCABULARY] = 7;
                Step some = new Step(step.tokens(), step.sequences(), step.positions(), step.pageTable(), rows);
                decoder.run(some, found, Call.standard());
                for (int i = 0; i < rows.length; i++) {
                    Closeness.requireEqual("row " + rows[i], row(found, i), row(expected, rows[i]));
                }
                assertThat(found[rows.length * VOCABULARY]).isEqualTo(7);
            }
        }
    }

    /** A copied page is a prefix of another sequence, whose own page stays. */
    @Test
    void aPrefixIsCopiedToTheToken() {
        Model model = model(Family.QWEN3);
        int[] all = tokens(60, 5);
        try (PagedDecoder decoder = decoder(model, 1)) {
            float[] expected = whole(decoder, all);
            int[] other = tokens(60, 6);
            System.arraycopy(all, 0, other, 0, 40);
            float[] branch = run(decoder, step(2, other, 0, 60));
            decoder.copyPage(pages()[0][0], pages()[1][0], 40);
            float[] found = run(decoder, step(1, other, 40, 60));
            for (int i = 40; i < 60; i++) {
                Closeness.requireEqual("token " + i, row(found, i - 40), row(branch, i));
            }
            Closeness.requireEqual("the source", run(decoder, step(0, all, 59, 60)), row(expected, 59));
        }
    }

    /** The pages of one sequence never reach another, not even numbers that no sum survives. */
    @Test
    void otherPagesAreNotRead() {
        Model model = model(Family.GEMMA3);
        int[] all = tokens(70, 7);
        try (PagedDecoder decoder = decoder(model, 1)) {
            float[] expected = whole(decoder, all);
            for (Tensor pages : decoder.states().values()) {
                for (long i = 0; i < pages.size(); i++) {
                    pages.setDouble(i, Double.NaN);
                }
            }
            float[] found = new float[all.length * VOCABULARY];
            for (int i = 0; i < all.length; i += 10) {
                float[] some = run(decoder, step(0, all, i, i + 10));
                System.arraycopy(some, 0, found, i * VOCABULARY, some.length);
            }
            Closeness.requireEqual("pages of NaN", found, expected);
        }
    }
}
