package dev.tenon.generation.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.generation.cache.PagedDecoder.Sizes;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.ProcessMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decoders over pages: bounds of memory and plans, calls that end early, and what is refused. Whoever starts the recorder changes the JVM for good. */
@Tag("fresh")
class PagedDecoderBoundsTest {
    private static final int VOCABULARY = TinyDecoders.VOCABULARY;

    @TempDir
    private Path folder;

    @Test
    void statesAreWrittenInPlace() {
        try (PagedDecoder decoder = PagedDecoderTest.decoder(PagedDecoderTest.model(Family.LLAMA), 1)) {
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
        try (PagedDecoder decoder = PagedDecoderTest.decoder(PagedDecoderTest.model(Family.QWEN2), 1)) {
            for (int tokens = 1; tokens <= 256; tokens++) {
                int padded = PagedDecoder.padded(tokens);
                assertThat(padded).isBetween(tokens, tokens <= 16 ? tokens : tokens * 3 / 2 - 1);
                for (int rows : new int[] {0, 1, 2, 3}) {
                    shapes.add(List.of(padded, decoder.paddedRows(padded, rows)));
                }
            }
            assertThat(shapes).hasSizeLessThan(36);
            int[] all = PagedDecoderTest.tokens(250, 8);
            try (Recording recording = new Recording()) {
                recording.enable("dev.tenon.Plan");
                recording.start();
                for (int i = 0; i < all.length; i += i % 50 == 0 ? 20 : 1) {
                    PagedDecoderTest.run(
                            decoder, PagedDecoderTest.step(i / 50 % 3, all, i, i + (i % 50 == 0 ? 20 : 1)));
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
        try (PagedDecoder decoder = PagedDecoderTest.decoder(PagedDecoderTest.model(Family.LLAMA), 1)) {
            int[] all = PagedDecoderTest.tokens(30, 9);
            float[] logits = new float[30 * VOCABULARY];
            Cancellation cancellation = new Cancellation();
            cancellation.cancel();
            assertThatThrownBy(() -> decoder.run(
                            PagedDecoderTest.step(0, all, 0, 30),
                            logits,
                            Call.standard().cancelledBy(cancellation)))
                    .isInstanceOf(CancelledPredictionException.class);
            assertThatThrownBy(() -> decoder.run(
                            PagedDecoderTest.step(0, all, 0, 30),
                            logits,
                            Call.standard().within(Duration.ofNanos(1))))
                    .isInstanceOf(DeadlineExceededException.class);
            float[] expected = PagedDecoderTest.whole(decoder, all);
            decoder.run(
                    PagedDecoderTest.step(0, all, 0, 30),
                    logits,
                    Call.standard().within(Duration.ofDays(1)));
            Closeness.requireEqual("after it", logits, expected);
        }
    }

    @Test
    void badStepsAreRefused() {
        try (PagedDecoder decoder = PagedDecoderTest.decoder(PagedDecoderTest.model(Family.LLAMA), 1)) {
            for (int what = 0; what < 12; what++) {
                refused(decoder, what);
            }
            for (Tensor state : decoder.states().values()) {
                assertThat(state.toFloatArray()).containsOnly(0);
            }
        }
    }

    private static void refused(PagedDecoder decoder, int what) {
        int[][] pages = PagedDecoderTest.pages();
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
        try (PagedDecoder decoder = PagedDecoderTest.decoder(PagedDecoderTest.model(Family.QWEN2), 1)) {
            int[] all = PagedDecoderTest.tokens(300, 10);
            PagedDecoderTest.run(decoder, PagedDecoderTest.step(0, all, 0, 1));
            PagedDecoderTest.run(decoder, PagedDecoderTest.step(0, all, 1, 21));
            Map<String, Tensor> inputs = decoder.inputs(1, 1);
            long before = ProcessMemory.directBytes();
            for (int i = 21; i < all.length; i++) {
                PagedDecoderTest.run(decoder, PagedDecoderTest.step(0, all, i, i + 1));
            }
            assertThat(ProcessMemory.directBytes()).isLessThanOrEqualTo(before);
            assertThat(decoder.inputs(1, 1)).isSameAs(inputs);
        }
    }

    @Test
    void aClosedDecoderIsRefused() {
        PagedDecoder decoder = PagedDecoderTest.decoder(PagedDecoderTest.model(Family.LLAMA), 1);
        int[] all = PagedDecoderTest.tokens(3, 1);
        PagedDecoderTest.whole(decoder, all);
        assertThatThrownBy(() -> decoder.copyPage(0, 17, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("17");
        assertThatThrownBy(() -> decoder.copyPage(0, 1, 65)).isInstanceOf(InvalidInputException.class);
        decoder.close();
        decoder.close();
        assertThatThrownBy(() -> PagedDecoderTest.whole(decoder, all))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> decoder.copyPage(1, 2, 1))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void otherModelsAreRefused() {
        assertThatThrownBy(() -> PagedDecoderTest.decoder(SmallModels.model("graph g(%x: f32[4]) {\n return %x\n}"), 1))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("an input 'x'");
        assertThatThrownBy(() -> new Sizes(1, 1, 1)).isInstanceOf(InvalidOptionException.class);
    }
}
