package dev.tenon.generation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.Precision;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.DecoderRun;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.generation.GeneratedToken;
import dev.tenon.generation.Generation;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.Sampling;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Neg;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.serving.Call;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.ValueType;
import dev.tenon.text.DecodeStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small decoders that write: the tokens of a plain loop over predict, the same ones in any company, and what is refused. */
@Tag("tiers")
@Tag("costly")
class TextGeneratorTest {
    private static final int COUNT = 40;
    private static final int PAGES = 6;
    private static final GeneratorOptions OPTIONS = GeneratorOptions.standard()
            .pages(DType.FLOAT32)
            .session(SessionOptions.standard().threads(1));

    @TempDir
    static Path folder;

    /** Weights in blocks, whose rows are rounded. */
    private static LanguageModel blocks;

    @BeforeAll
    static void write() {
        Path file = folder.resolve("blocks.gguf");
        TinyDecoders.blocks(Family.QWEN2, BlockFormat.Q4_0, false).write(file);
        blocks = LanguageModel.load(file);
    }

    private static LanguageModel load(Family family) {
        Path file = folder.resolve(family + ".gguf");
        TinyDecoders.gguf(family, DType.FLOAT32).write(file);
        return LanguageModel.load(file);
    }

    private static int[] prompt(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).map(i -> 3 + random.nextInt(300)).toArray();
    }

    private static GenerationRequest request(int[] prompt) {
        return GenerationRequest.tokens(prompt)
                .maxTokens(COUNT)
                .sampling(Sampling.temperature(1).seed(prompt.length));
    }

    private static int[] greedy(LanguageModel model, Family family, int[] prompt) {
        DecoderRun run = new DecoderRun(model.model().session(), family);
        float[] logits =
                DecoderRun.lastRow(run.step(Arrays.stream(prompt).asLongStream().toArray()));
        List<Integer> all = new ArrayList<>();
        while (all.size() < COUNT) {
            int best = 0;
            for (int i = 1; i < logits.length; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            if (model.endTokens().contains(best)) {
                break;
            }
            all.add(best);
            logits = DecoderRun.lastRow(run.step(best));
        }
        return all.stream().mapToInt(i -> i).toArray();
    }

    @ParameterizedTest
    @EnumSource
    void tokensAreThoseOfALoopOverPredict(Family family) {
        LanguageModel model = load(family);
        try (TextGenerator generator = model.generator(OPTIONS)) {
            int[] prompt = prompt(70, 1);
            StringBuilder text = new StringBuilder();
            Generation found = generator.stream(
                    GenerationRequest.tokens(prompt).maxTokens(COUNT),
                    Call.standard(),
                    part -> text.append(part.text()));
            assertThat(found.tokenIds()).isEqualTo(greedy(model, family, prompt));
            DecodeStream expected = model.tokenizer().decodeStream();
            StringBuilder decoded = new StringBuilder();
            Arrays.stream(found.tokenIds()).forEach(id -> decoded.append(expected.add(id)));
            assertThat(found.text()).isEqualTo(decoded + expected.finish()).isNotEmpty();
            assertThat(text.toString()).isEqualTo(found.text());
            assertThat(generator.contextTokens()).isEqualTo(512);
        }
    }

    /** Prompts of many lengths, in a cache that is too small for all of them, in chunks, on one thread or two. */
    @Test
    void aRequestHasTheSameTokensInAnyCompany() throws Exception {
        List<int[]> prompts =
                IntStream.range(0, 16).mapToObj(i -> prompt(5 + 11 * i, i)).toList();
        List<Generation> alone = new ArrayList<>();
        for (int[] prompt : prompts) {
            try (TextGenerator generator = blocks.generator(OPTIONS)) {
                alone.add(generator.generate(request(prompt)));
            }
        }
        // The standard cache has room for all, 6 pages of 64 tokens do not.
        for (long bytes : new long[] {0, PAGES * 32 * 1024}) {
            GeneratorOptions options = OPTIONS.promptTokensPerStep(bytes == 0 ? 256 : 37)
                    .session(SessionOptions.standard().threads(bytes == 0 ? 1 : 2));
            try (TextGenerator generator = blocks.generator(
                    bytes == 0 ? options : options.cacheBytes(bytes).contextTokens(300))) {
                // Twice: the second time prompts are in the cache.
                together(generator, prompts, alone);
                together(generator, prompts, alone);
                assertThat(generator.statistics().pages().referenced()).isZero();
                if (bytes > 0) {
                    assertThat(generator.statistics().preemptions()).isPositive();
                } else {
                    assertThat(generator.statistics().tokens().cached()).isGreaterThan(1000);
                }
            }
        }
    }

    private static void together(TextGenerator generator, List<int[]> prompts, List<Generation> alone)
            throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Generation>> all = new ArrayList<>();
            for (int[] prompt : prompts) {
                all.add(threads.submit(() -> generator.generate(request(prompt))));
            }
            for (int i = 0; i < all.size(); i++) {
                Generation found = all.get(i).get(100, TimeUnit.SECONDS);
                assertThat(found.tokenIds())
                        .as("prompt " + i)
                        .isEqualTo(alone.get(i).tokenIds());
                assertThat(found.text()).isEqualTo(alone.get(i).text());
                assertThat(found.reason()).isEqualTo(alone.get(i).reason());
            }
        }
    }

    @Test
    void logProbabilitiesTellWhetherRowsAreRounded() {
        GenerationRequest request = GenerationRequest.tokens(prompt(20, 3))
                .maxTokens(1)
                .sampling(Sampling.greedy().logProbabilities(2));
        List<Float> found = new ArrayList<>();
        for (GeneratorOptions options : List.of(OPTIONS, OPTIONS.precision(Precision.FP32))) {
            try (TextGenerator generator = blocks.generator(options)) {
                GeneratedToken token = generator.generate(request).tokens().getFirst();
                assertThat(token.top()).hasSize(2);
                assertThat(token.top().getFirst().token()).isEqualTo(token.id());
                found.add(token.logProbability());
            }
        }
        assertThat(found.get(0)).isNotEqualTo(found.get(1)).isNegative();
        assertThat(found.get(0)).isBetween(found.get(1) - 0.5f, found.get(1) + 0.5f);
    }

    @Test
    void promptsBeginOnce() {
        LanguageModel model = load(Family.LLAMA);
        assertThat(model.endTokens()).containsExactly(2);
        int[] ids = model.promptTokens("ab cd");
        assertThat(ids[0]).isOne();
        assertThat(model.promptTokens("<s>ab cd")).startsWith(1).doesNotContain(2);
        assertThat(Arrays.stream(model.promptTokens("<s>ab cd"))
                        .filter(id -> id == 1)
                        .count())
                .isOne();
        assertThat(model.promptTokens("")).containsExactly(1);
        try (TextGenerator generator = model.generator(OPTIONS)) {
            Generation found =
                    generator.generate(GenerationRequest.text("ab cd").maxTokens(4));
            assertThat(found.usage().promptTokens()).isEqualTo(ids.length);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        GraphBuilder builder = new GraphBuilder("no decoder");
        Value x = builder.input("x", ValueType.parse("f32[n]"));
        Value y = builder.add(new Neg(), x);
        Model model = Model.of(builder.output("y", y).build());
        LanguageModel none = LanguageModel.of(model, blocks.tokenizer(), 100);
        assertThatThrownBy(none::generator).isInstanceOf(UnsupportedModelException.class);
        assertThatThrownBy(() -> blocks.generator(OPTIONS.contextTokens(513)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("512");
        assertThatThrownBy(() -> blocks.generator(OPTIONS.cacheBytes(1000)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("cacheBytes");
        try (TextGenerator generator = blocks.generator(OPTIONS)) {
            assertThatThrownBy(() -> generator.generate(
                            GenerationRequest.tokens(prompt(500, 1)).maxTokens(13)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("500 tokens and 13 more");
            assertThatThrownBy(() -> generator.generate(GenerationRequest.tokens(1)
                            .sampling(Sampling.greedy().bias(320, 1))))
                    .isInstanceOf(InvalidOptionException.class);
        }
    }
}
