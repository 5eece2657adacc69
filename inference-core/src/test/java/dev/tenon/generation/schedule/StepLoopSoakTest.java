package dev.tenon.generation.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.generation.Generation;
import dev.tenon.generation.Generation.Reason;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.Part;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.DeadlineExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sixteen virtual threads that generate, stream, submit, cancel and give up, in a cache that is too small for all of them. */
class StepLoopSoakTest {
    private static final int THREADS = 16;
    private static final int PAGES = 60;

    @Test
    void nothingIsLeftAndTokensAreRight() throws Exception {
        soak(60);
    }

    @Test
    @Tag("exhaustive")
    void nothingIsLeftAfterLong() throws Exception {
        soak(20_000);
    }

    private static void soak(int rounds) throws Exception {
        FakeDecoder decoder = new FakeDecoder(PAGES + 1, 8, 200);
        GeneratorOptions options = GeneratorOptions.standard().promptTokensPerStep(16);
        try (StepLoop loop = new StepLoop("soak", decoder, options);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                long seed = t;
                all.add(threads.submit(() -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    for (int i = 0; i < rounds; i++) {
                        once(loop, random);
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get(1, TimeUnit.HOURS);
            }
            assertThat(loop.statistics().pages().referenced()).isZero();
            assertThat(loop.statistics().calls().running()).isZero();
            assertThat(loop.statistics().calls().waiting()).isZero();
            assertThat(loop.statistics().calls().failed()).isZero();
            assertThat(loop.statistics().calls().done()).isPositive();
        }
        assertThat(decoder.isClosed()).isTrue();
    }

    private static void once(StepLoop loop, SplittableRandom random) throws Exception {
        // A few beginnings, so that prefixes are shared.
        int[] prompt = Arrays.copyOf(StepLoopTest.tokens(60, random.nextInt(3)), 1 + random.nextInt(60));
        int count = 1 + random.nextInt(60);
        Prompt request = TestPrompts.of(GenerationRequest.tokens(prompt).maxTokens(count));
        Cancellation cancellation = new Cancellation();
        Call call = Call.standard().lane("lane " + random.nextInt(3)).cancelledBy(cancellation);
        int stop = random.nextInt(40);
        switch (random.nextInt(5)) {
            case 0 -> check(loop.generate(request, call, null), prompt, count, Reason.LENGTH);
            case 1 -> {
                int[] parts = new int[1];
                Consumer<Part> reader = part -> {
                    if (parts[0]++ == stop) {
                        cancellation.cancel();
                    }
                };
                Generation found = loop.generate(request, call, reader);
                check(found, prompt, count, found.reason());
            }
            case 2 -> {
                CompletableFuture<Generation> future = loop.submit(request, call);
                if (stop < 20) {
                    Thread.onSpinWait();
                    future.cancel(true);
                } else {
                    check(future.get(100, TimeUnit.SECONDS), prompt, count, Reason.LENGTH);
                }
            }
            case 3 -> {
                try {
                    Generation found = loop.generate(request, call.within(Duration.ofNanos(1 + 100_000L * stop)), null);
                    check(found, prompt, count, Reason.LENGTH);
                } catch (DeadlineExceededException e) {
                    assertThat(e.getMessage()).contains("soak");
                }
            }
            default -> {
                IllegalStateException failure = new IllegalStateException("reader");
                try {
                    loop.generate(request, call, part -> {
                        throw failure;
                    });
                } catch (IllegalStateException e) {
                    assertThat(e).isSameAs(failure);
                }
            }
        }
    }

    private static void check(Generation found, int[] prompt, int count, Reason reason) {
        int[] expected = FakeDecoder.expected(prompt, count);
        assertThat(found.reason()).isEqualTo(reason);
        if (reason == Reason.LENGTH) {
            assertThat(found.tokenIds()).isEqualTo(expected);
        } else {
            assertThat(reason).isEqualTo(Reason.CANCELLED);
            assertThat(found.tokenIds()).isEqualTo(Arrays.copyOf(expected, found.tokenIds().length));
        }
    }
}
