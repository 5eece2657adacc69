package dev.tenon.generation.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.SessionOptions;
import dev.tenon.fixtures.TinyDecoders;
import dev.tenon.fixtures.TinyDecoders.Family;
import dev.tenon.generation.Generation;
import dev.tenon.generation.Generation.Reason;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GenerationStatistics;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.Sampling;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.ProcessMemory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sixteen virtual threads that generate, stream, cancel and give up, with a real decoder and a cache that is too small for all of
 * them. Each text has the tokens that it has alone, no page is left, and memory does not grow. {@code -Dtenon.soak.seconds} sets the
 * time.
 */
@Tag("exhaustive")
class TextGeneratorSoakTest {
    private static final int THREADS = 16;
    private static final int TEXTS = 24;
    private static final int TOKENS = 40;
    private static final int PAGES = 6;
    private static final int PAGE_BYTES = 32 * 1024;
    private static final long HEAP_GROWTH = 2 << 20;
    private static final long RESIDENT_GROWTH = 32 << 20;

    @TempDir
    private Path folder;

    private final List<GenerationRequest> requests = new ArrayList<>();
    private final List<int[]> expected = new ArrayList<>();

    /** Texts of a few beginnings, so that prefixes are shared. */
    private static GenerationRequest request(int number) {
        int[] beginning = new SplittableRandom(number % 3).ints(64, 3, 303).toArray();
        int[] rest = new SplittableRandom(number).ints(number * 5L, 3, 303).toArray();
        int[] prompt =
                IntStream.concat(Arrays.stream(beginning), Arrays.stream(rest)).toArray();
        return GenerationRequest.tokens(prompt)
                .maxTokens(TOKENS)
                .sampling(Sampling.temperature(1).seed(number));
    }

    private void once(TextGenerator generator, SplittableRandom random) throws Exception {
        int number = random.nextInt(TEXTS);
        GenerationRequest request = requests.get(number);
        Cancellation cancellation = new Cancellation();
        Call call = Call.standard().lane("lane " + random.nextInt(3)).cancelledBy(cancellation);
        int stop = random.nextInt(TOKENS);
        switch (random.nextInt(5)) {
            case 0, 1 -> check(generator.generate(request, call), number);
            case 2 -> {
                int[] parts = new int[1];
                check(
                        generator.stream(request, call, part -> {
                            if (parts[0]++ == stop) {
                                cancellation.cancel();
                            }
                        }),
                        number);
            }
            case 3 -> {
                Future<Generation> future = generator.submit(request, call);
                if (stop % 2 == 0) {
                    future.cancel(true);
                } else {
                    check(future.get(10, TimeUnit.MINUTES), number);
                }
            }
            default -> {
                try {
                    check(generator.generate(request, call.within(Duration.ofMillis(1 + 5L * stop))), number);
                } catch (DeadlineExceededException e) {
                    assertThat(e).hasMessageContaining("soak");
                }
            }
        }
    }

    private void check(Generation found, int number) {
        int[] all = expected.get(number);
        if (found.reason() == Reason.CANCELLED) {
            assertThat(found.tokenIds()).isEqualTo(Arrays.copyOf(all, found.tokenIds().length));
        } else {
            assertThat(found.tokenIds()).as("text %d", number).isEqualTo(all);
        }
    }

    private void run(TextGenerator generator, long seconds, long seed) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                SplittableRandom random = new SplittableRandom(seed + t);
                all.add(threads.submit(() -> {
                    while (System.nanoTime() < end) {
                        once(generator, random);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    @Test
    void memoryIsFlatAndNoPageIsLeft(TestReporter reporter) throws Exception {
        long seconds = Long.getLong("tenon.soak.seconds", 240);
        Path file = folder.resolve("blocks.gguf");
        TinyDecoders.blocks(Family.QWEN2, BlockFormat.Q4_0, false).write(file);
        LanguageModel model = LanguageModel.load(file);
        GeneratorOptions options = GeneratorOptions.standard()
                .pages(DType.FLOAT32)
                .session(SessionOptions.standard().threads(1));
        try (TextGenerator alone = model.generator(options)) {
            for (int i = 0; i < TEXTS; i++) {
                requests.add(request(i));
                expected.add(alone.generate(requests.get(i)).tokenIds());
            }
        }
        try (TextGenerator generator =
                model.generator(options.cacheBytes(PAGES * PAGE_BYTES).name("soak"))) {
            run(generator, seconds / 4, 1);
            long heap = ProcessMemory.liveHeapBytes();
            long resident = ProcessMemory.residentBesideHeap();
            run(generator, seconds - seconds / 4, 1000);
            long laterHeap = ProcessMemory.liveHeapBytes();
            long laterResident = ProcessMemory.residentBesideHeap();
            GenerationStatistics statistics = generator.statistics();
            reporter.publishEntry(Map.of(
                    "texts", Long.toString(statistics.calls().done()),
                    "heap", heap + " to " + laterHeap,
                    "resident beside the heap", resident + " to " + laterResident));
            assertThat(statistics.pages().referenced()).isZero();
            assertThat(statistics.calls().running()).isZero();
            assertThat(statistics.calls().waiting()).isZero();
            assertThat(statistics.calls().failed()).isZero();
            assertThat(laterHeap).as("heap").isLessThan(heap + HEAP_GROWTH);
            assertThat(laterResident).as("memory beside the heap").isLessThan(resident + RESIDENT_GROWTH);
        }
    }
}
