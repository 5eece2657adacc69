package dev.tenon.generation.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.generation.cache.PagedDecoder.Sizes;
import dev.tenon.graph.Node;
import dev.tenon.op.Numerics;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.ProcessMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Decoders over pages: the logits of the same decoders with a past, the same bits in any step, bounds, and what is refused. */
@Tag("tiers")
class PagedDecoderTest {
    private static final Sizes SIZES = new Sizes(17, 3, 300);
    private static final int VOCABULARY = TinyDecoders.VOCABULARY;

    @TempDir
    private Path folder;

    private static Model model(Family family) {
        return Model.load(ByteBuffer.wrap(TinyDecoders.bytes(TinyDecoders.gguf(family, DType.FLOAT32))));
    }

    private static PagedDecoder decoder(Model model, int threads) {
        return PagedDecoder.of(model, SIZES, SessionOptions.standard().threads(threads));
    }

    private static int[] tokens(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).map(i -> random.nextInt(VOCABULARY)).toArray();
    }

    /** The pages of three sequences: 1, 4, 7 and so on are those of the first. */
    private static int[][] pages() {
        int[][] pages = new int[3][5];
        for (int s = 0; s < 3; s++) {
            for (int c = 0; c < 5; c++) {
                pages[s][c] = 1 + 3 * c + s;
            }
        }
        return pages;
    }

    /** Some tokens of one sequence; the logits of all of them are asked for. */
    private static Step step(int sequence, int[] all, int from, int to) {
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

    private static float[] run(DecoderSteps decoder, Step step) {
        float[] logits = new float[step.rows().length * VOCABULARY];
        decoder.run(step, logits, Call.standard());
        return logits;
    }

    private static float[] whole(PagedDecoder decoder, int[] all) {
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

    @Test
    void blocksHaveTheSameBitsInAnyStep() {
        Model model = Model.load(
                ByteBuffer.wrap(TinyDecoders.bytes(TinyDecoders.blocks(Family.QWEN2, BlockFormat.Q4_0, false))));
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

    @Test
    void statesAreWrittenInPlace() {
        try (PagedDecoder decoder = decoder(model(Family.LLAMA), 1)) {
            assertThat(decoder.vocabulary()).isEqualTo(VOCABULARY);
            assertThat(decoder.contextTokens()).isEqualTo(300);
            assertThat(decoder.maxSequences()).isEqualTo(3);
            assertThat(decoder.pages()).isEqualTo(17);
            assertThat(decoder.pageTokens()).isEqualTo(64);
            String plan = decoder.session().inspect().explain(decoder.inputs(1, 1));
            assertThat(plan)
                    .contains("paged_attention_f32")
                    .doesNotContain("copied")
                    .doesNotContain("near miss of state");
        }
    }

    /** Plans depend on sizes of steps, never on lengths or tables. */
    @Test
    void plansAreFew() throws IOException {
        Set<List<Integer>> shapes = new HashSet<>();
        try (PagedDecoder decoder = decoder(model(Family.QWEN2), 1)) {
            for (int tokens = 1; tokens <= 256; tokens++) {
                int padded = PagedDecoder.padded(tokens);
                assertThat(padded).isBetween(tokens, tokens <= 16 ? tokens : tokens * 3 / 2 - 1);
                for (int rows : new int[] {0, 1, 2, 3}) {
                    shapes.add(List.of(padded, decoder.paddedRows(padded, rows)));
                }
            }
            assertThat(shapes).hasSizeLessThan(36);
            int[] all = tokens(250, 8);
            try (Recording recording = new Recording()) {
                recording.enable("dev.tenon.Plan");
                recording.start();
                for (int i = 0; i < all.length; i += i % 50 == 0 ? 20 : 1) {
                    run(decoder, step(i / 50 % 3, all, i, i + (i % 50 == 0 ? 20 : 1)));
                }
                recording.stop();
                Path file = folder.resolve("plans.jfr");
                recording.dump(file);
                List<RecordedEvent> plans = new ArrayList<>(RecordingFile.readAllEvents(file));
                assertThat(plans.stream().filter(e -> e.getString("graph").equals("tiny qwen2")))
                        .as("%s", plans)
                        .hasSize(2);
            }
        }
    }

    @Test
    void aCancelledCallEnds() {
        try (PagedDecoder decoder = decoder(model(Family.LLAMA), 1)) {
            int[] all = tokens(30, 9);
            float[] logits = new float[30 * VOCABULARY];
            Cancellation cancellation = new Cancellation();
            cancellation.cancel();
            assertThatThrownBy(() -> decoder.run(
                            step(0, all, 0, 30), logits, Call.standard().cancelledBy(cancellation)))
                    .isInstanceOf(CancelledPredictionException.class);
            assertThatThrownBy(() -> decoder.run(
                            step(0, all, 0, 30), logits, Call.standard().within(Duration.ofNanos(1))))
                    .isInstanceOf(DeadlineExceededException.class);
            float[] expected = whole(decoder, all);
            decoder.run(step(0, all, 0, 30), logits, Call.standard().within(Duration.ofDays(1)));
            Closeness.requireEqual("after it", logits, expected);
        }
    }

    @Test
    void badStepsAreRefused() {
        try (PagedDecoder decoder = decoder(model(Family.LLAMA), 1)) {
            for (int what = 0; what < 12; what++) {
                refused(decoder, what);
            }
            for (Tensor state : decoder.states().values()) {
                assertThat(state.toFloatArray()).containsOnly(0);
            }
        }
    }

    private static void refused(PagedDecoder decoder, int what) {
        int[][] pages = pages();
        int[] tokens = {1, 2};
        int[] sequences = {0, 0};
        int[] positions = {0, 1};
        int[] rows = {1};
        float[] logits = new float[VOCABULARY];
        switch (what) {
            case 0 -> tokens[1] = VOCABULARY;
            case 1 -> tokens[0] = -1;
            case 2 -> sequences[1] = 3;
            case 3 -> sequences[0] = -1;
            case 4 -> positions[0] = -1;
            case 5 -> positions[1] = 300;
            case 6 -> pages[2][3] = 0;
            case 7 -> pages[0][0] = 17;
            case 8 -> rows[0] = 2;
            case 9 -> logits = new float[VOCABULARY - 1];
            case 10 -> pages[0] = new int[0];
            default -> sequences = new int[1];
        }
        Step step = new Step(tokens, sequences, positions, pages, rows);
        float[] room = logits;
        assertThatThrownBy(() -> decoder.run(step, room, Call.standard()))
                .as("%d", what)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("a step of 'model from a buffer'");
    }

    /** Steps of a size that was there take no native memory, however long the sequence is. */
    @Test
    void memoryIsFlat() {
        try (PagedDecoder decoder = decoder(model(Family.QWEN2), 1)) {
            int[] all = tokens(300, 10);
            run(decoder, step(0, all, 0, 1));
            run(decoder, step(0, all, 1, 21));
            Map<String, Tensor> inputs = decoder.inputs(1, 1);
            long before = ProcessMemory.directBytes();
            for (int i = 21; i < all.length; i++) {
                run(decoder, step(0, all, i, i + 1));
            }
            assertThat(ProcessMemory.directBytes()).isLessThanOrEqualTo(before);
            assertThat(decoder.inputs(1, 1)).isSameAs(inputs);
        }
    }

    @Test
    void aClosedDecoderIsRefused() {
        PagedDecoder decoder = decoder(model(Family.LLAMA), 1);
        int[] all = tokens(3, 1);
        whole(decoder, all);
        assertThatThrownBy(() -> decoder.copyPage(0, 17, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("17");
        assertThatThrownBy(() -> decoder.copyPage(0, 1, 65)).isInstanceOf(InvalidInputException.class);
        decoder.close();
        decoder.close();
        assertThatThrownBy(() -> whole(decoder, all))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> decoder.copyPage(1, 2, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void otherModelsAreRefused() {
        assertThatThrownBy(() -> decoder(SmallModels.model("graph g(%x: f32[4]) {\n return %x\n}"), 1))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("an input 'x'");
        assertThatThrownBy(() -> new Sizes(1, 1, 1)).isInstanceOf(InvalidOptionException.class);
    }
}
