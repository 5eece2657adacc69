package dev.tenon.generation.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.generation.Generation;
import dev.tenon.generation.Generation.Reason;
import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.InvalidLogitsException;
import dev.tenon.generation.cache.Step;
import dev.tenon.serving.Call;
import dev.tenon.serving.Cancellation;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.DeadlineExceededException;
import dev.tenon.serving.OverloadedException;
import dev.tenon.serving.threads.Deadlines;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sequences that run together on a decoder whose pages hold tokens: the same tokens in any company, and every way to end. */
@Timeout(120)
class StepLoopTest {
    private static final GeneratorOptions OPTIONS = GeneratorOptions.standard();

    private FakeDecoder decoder = new FakeDecoder(400, 16, 300);
    private StepLoop loop = new StepLoop("fake", decoder, OPTIONS);

    private void remake(FakeDecoder made, GeneratorOptions options) {
        loop.close();
        decoder = made;
        loop = new StepLoop("fake", made, options);
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(loop.statistics().pages().referenced()).isZero();
        assertThat(loop.statistics().calls().running()).isZero();
        assertThat(loop.statistics().calls().waiting()).isZero();
        loop.close();
        assertThat(decoder.isClosed()).isTrue();
    }

    static int[] tokens(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).map(i -> 97 + random.nextInt(20)).toArray();
    }

    private Generation run(int[] prompt, int count) {
        return loop.generate(FakeDecoder.prompt(prompt, count), Call.standard(), null);
    }

    private static void check(Generation found, int[] prompt, int count) {
        int[] expected = FakeDecoder.expected(prompt, count);
        assertThat(found.tokenIds()).isEqualTo(expected);
        assertThat(found.text()).isEqualTo(TestPrompts.text(expected));
        assertThat(found.reason()).isEqualTo(Reason.LENGTH);
    }

    @Test
    void oneAloneWithItsUsage() {
        int[] prompt = tokens(9, 1);
        Generation found = run(prompt, 20);
        check(found, prompt, 20);
        assertThat(found.usage().promptTokens()).isEqualTo(9);
        assertThat(found.usage().cachedTokens()).isZero();
        assertThat(found.usage().generatedTokens()).isEqualTo(20);
        assertThat(loop.statistics().steps()).isEqualTo(20);
        assertThat(loop.statistics().calls().done()).isOne();
        assertThat(loop.statistics().tokens().generated()).isEqualTo(20);
    }

    @Test
    void aPrefixIsNotComputedAgain() {
        int[] prompt = tokens(30, 2);
        run(prompt, 5);
        int[] longer = Arrays.copyOf(prompt, 40);
        Generation found = run(longer, 6);
        check(found, longer, 6);
        assertThat(found.usage().cachedTokens()).isGreaterThanOrEqualTo(28);
        Generation other =
                loop.generate(FakeDecoder.prompt(longer, 6), Call.standard().lane("other"), null);
        check(other, longer, 6);
        assertThat(other.usage().cachedTokens()).isZero();
        remake(new FakeDecoder(100, 4, 300), OPTIONS.sharedPrefixes(true));
        run(prompt, 5);
        assertThat(loop.generate(FakeDecoder.prompt(longer, 6), Call.standard().lane("other"), null)
                        .usage()
                        .cachedTokens())
                .isGreaterThanOrEqualTo(28);
    }

    @Test
    void longPromptsAreCut() {
        remake(new FakeDecoder(400, 4, 300), OPTIONS.promptTokensPerStep(7));
        int[] prompt = tokens(100, 3);
        List<Integer> steps = new ArrayList<>();
        decoder.before = step -> steps.add(step.tokens().length);
        check(run(prompt, 3), prompt, 3);
        assertThat(steps).hasSize(15 + 2).allMatch(size -> size <= 7);
    }

    private void together(int threads, int length, int count, boolean virtual) throws Exception {
        try (ExecutorService pool =
                virtual ? Executors.newVirtualThreadPerTaskExecutor() : Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int[] prompt = tokens(length + t, t);
                Call call = Call.standard().lane("lane " + t % 3);
                boolean streams = t % 2 == 0;
                all.add(pool.submit(() -> {
                    StringBuilder text = new StringBuilder();
                    Generation found = loop.generate(
                            FakeDecoder.prompt(prompt, count), call, streams ? part -> text.append(part.text()) : null);
                    check(found, prompt, count);
                    assertThat(text.toString()).isEqualTo(streams ? found.text() : "");
                }));
            }
            for (Future<?> each : all) {
                each.get(100, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void sixteenVirtualThreads() throws Exception {
        together(16, 10, 40, true);
        assertThat(loop.statistics().preemptions()).isZero();
    }

    @Test
    void moreThanThereArePlaces() throws Exception {
        together(40, 5, 10, false);
    }

    /** 30 pages of 4 tokens for 12 sequences of up to 13 pages. */
    @Test
    void pagesThatRunOutAreGivenUp() throws Exception {
        remake(new FakeDecoder(31, 8, 300), OPTIONS);
        // All of them are there before any is ahead.
        CountDownLatch all = new CountDownLatch(1);
        AtomicInteger waiting = new AtomicInteger();
        decoder.before = step -> {
            if (waiting.getAndIncrement() == 0) {
                await(all);
            }
        };
        Thread opener = Thread.ofVirtual().start(() -> {
            while (loop.statistics().calls().waiting() < 11) {
                Thread.onSpinWait();
            }
            all.countDown();
        });
        together(12, 10, 40, false);
        opener.join();
        assertThat(loop.statistics().preemptions()).isPositive();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(100, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatCanNeverFitIsRefused() {
        assertThatThrownBy(() -> run(tokens(200, 1), 101))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("200 tokens and 101 more")
                .hasMessageContaining("300");
        remake(new FakeDecoder(11, 4, 300), OPTIONS);
        check(run(tokens(20, 1), 21), tokens(20, 1), 21);
        assertThatThrownBy(() -> run(tokens(20, 1), 22))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("11 pages")
                .hasMessageContaining("10 pages")
                .hasMessageContaining("GeneratorOptions.cacheBytes");
        assertThatThrownBy(() -> run(new int[0], 2)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> run(new int[] {320}, 2))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("0 to 319");
        assertThat(loop.statistics().calls().failed()).isEqualTo(3);
    }

    @Test
    void stopsEndTexts() {
        int[] prompt = tokens(6, 4);
        int[] expected = FakeDecoder.expected(prompt, 30);
        GenerationRequest request = GenerationRequest.tokens(prompt).maxTokens(30);
        Generation byToken = loop.generate(TestPrompts.of(request.stopTokens(expected[3])), Call.standard(), null);
        int first = IntStream.range(0, 30)
                .filter(i -> expected[i] == expected[3])
                .findFirst()
                .orElseThrow();
        assertThat(byToken.reason()).isEqualTo(Reason.STOP);
        assertThat(byToken.tokenIds()).isEqualTo(Arrays.copyOf(expected, first));
        assertThat(byToken.stop()).isEmpty();
        String whole = TestPrompts.text(expected);
        String stop = whole.substring(10, 13);
        StringBuilder parts = new StringBuilder();
        Generation byText =
                loop.generate(TestPrompts.of(request.stop(stop)), Call.standard(), part -> parts.append(part.text()));
        assertThat(byText.reason()).isEqualTo(Reason.STOP);
        assertThat(byText.stop()).contains(stop);
        assertThat(byText.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(parts.toString()).isEqualTo(byText.text());
    }

    @Test
    void cancelledAtAnyStep() {
        int[] prompt = tokens(11, 5);
        int[] expected = FakeDecoder.expected(prompt, 10);
        for (int at = 0; at < 10; at++) {
            Cancellation cancellation = new Cancellation();
            AtomicInteger steps = new AtomicInteger(at);
            decoder.before = step -> {
                if (steps.getAndDecrement() == 0) {
                    cancellation.cancel();
                }
            };
            Generation found = loop.generate(
                    FakeDecoder.prompt(prompt, 10), Call.standard().cancelledBy(cancellation), null);
            assertThat(found.reason()).isEqualTo(Reason.CANCELLED);
            assertThat(found.tokenIds()).isEqualTo(Arrays.copyOf(expected, at));
            assertThat(loop.statistics().pages().referenced()).isZero();
        }
        decoder.before = step -> {};
        check(run(prompt, 10), prompt, 10);
        assertThat(loop.statistics().calls().cancelled()).isEqualTo(10);
    }

    @Test
    void aDeadlineEndsACall() {
        AtomicLong clock = new AtomicLong();
        Deadlines deadlines = new Deadlines(clock::get, false);
        loop.close();
        decoder = new FakeDecoder(100, 4, 300);
        loop = new StepLoop("fake", decoder, OPTIONS, deadlines);
        decoder.before = step -> {
            clock.addAndGet(1_000_000);
            deadlines.doDue();
        };
        Call call = Call.standard().within(Duration.ofNanos(3_500_000));
        assertThatThrownBy(() -> loop.generate(FakeDecoder.prompt(tokens(5, 6), 10), call, null))
                .isInstanceOfSatisfying(
                        DeadlineExceededException.class,
                        e -> assertThat(e.phase()).isEqualTo(DeadlineExceededException.Phase.RUNNING));
        assertThat(loop.statistics().steps()).isEqualTo(3);
        assertThat(loop.statistics().calls().expired()).isOne();
        assertThat(deadlines.size()).isZero();
        check(run(tokens(5, 6), 10), tokens(5, 6), 10);
    }

    /** The thread that leads is interrupted in a step: its own call ends, the others do not notice. */
    @Test
    void anInterruptEndsOneCall() throws Exception {
        int[] prompt = tokens(8, 7);
        AtomicInteger steps = new AtomicInteger();
        Thread[] interrupted = new Thread[1];
        decoder.before = step -> {
            if (steps.getAndIncrement() == 3) {
                interrupted[0] = Thread.currentThread();
                Thread.currentThread().interrupt();
                throw new InterruptedPredictionException("fake", "the thread was interrupted", null, null);
            }
        };
        List<Thread> threads = new ArrayList<>();
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        for (int t = 0; t < 4; t++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    check(run(prompt, 12), prompt, 12);
                    done.incrementAndGet();
                } catch (InterruptedPredictionException e) {
                    assertThat(Thread.currentThread().isInterrupted()).isTrue();
                    assertThat(Thread.currentThread()).isEqualTo(interrupted[0]);
                    ended.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(ended).hasValue(1);
        assertThat(done).hasValue(3);
    }

    @Test
    void aSlowReaderHoldsUpItself() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        int[] prompt = tokens(5, 8);
        CompletableFuture<Generation> slow = CompletableFuture.supplyAsync(
                () -> loop.generate(FakeDecoder.prompt(prompt, 200), Call.standard(), part -> {
                    reads.countDown();
                    StepLoopTest.await(goesOn);
                }),
                Thread::startVirtualThread);
        await(reads);
        check(run(tokens(9, 9), 150), tokens(9, 9), 150);
        // The one that reads, and those in its mailbox.
        assertThat(loop.statistics().steps()).isLessThanOrEqualTo(150 + 1 + Sequence.MOST_PARTS);
        goesOn.countDown();
        check(slow.get(100, TimeUnit.SECONDS), prompt, 200);
    }

    /** A reader that is slow gives its pages up to those that need them. */
    @Test
    void aSlowReaderHoldsNoPagesThatOthersNeed() throws Exception {
        remake(new FakeDecoder(31, 1, 300), OPTIONS);
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        int[] prompt = tokens(5, 8);
        CompletableFuture<Generation> slow = CompletableFuture.supplyAsync(
                () -> loop.generate(FakeDecoder.prompt(prompt, 60), Call.standard(), part -> {
                    if (part.tokens().size() > 0 && reads.getCount() > 0) {
                        reads.countDown();
                        StepLoopTest.await(goesOn);
                    }
                }),
                Thread::startVirtualThread);
        await(reads);
        Call other = Call.standard().lane("other");
        Generation found = loop.generate(FakeDecoder.prompt(tokens(60, 9), 50), other, null);
        check(found, tokens(60, 9), 50);
        goesOn.countDown();
        check(slow.get(100, TimeUnit.SECONDS), prompt, 60);
        assertThat(loop.statistics().preemptions()).isPositive();
    }

    @Test
    void aReaderThatFailsEndsItsCall() {
        IllegalStateException failure = new IllegalStateException("reader");
        AtomicInteger parts = new AtomicInteger();
        assertThatThrownBy(() -> loop.generate(FakeDecoder.prompt(tokens(5, 1), 50), Call.standard(), part -> {
                    if (parts.incrementAndGet() == 3) {
                        throw failure;
                    }
                }))
                .isSameAs(failure);
        assertThat(loop.statistics().calls().cancelled()).isOne();
        assertThat(loop.statistics().pages().referenced()).isZero();
    }

    @Test
    void aStepThatFailsEndsItsSequences() {
        IllegalArgumentException failure = new IllegalArgumentException("step");
        AtomicInteger steps = new AtomicInteger();
        decoder.before = step -> {
            if (steps.incrementAndGet() == 4) {
                throw failure;
            }
        };
        assertThatThrownBy(() -> run(tokens(6, 1), 10)).isSameAs(failure);
        assertThat(loop.statistics().calls().failed()).isOne();
        check(run(tokens(6, 1), 10), tokens(6, 1), 10);
        decoder.before = step -> {
            throw new OutOfMemoryError("step");
        };
        assertThatThrownBy(() -> run(tokens(6, 2), 10)).isInstanceOf(ResourceLimitException.class);
        decoder.before = step -> {};
        check(run(tokens(6, 2), 10), tokens(6, 2), 10);
    }

    @Test
    void logitsThatAreNoNumbersEndOneSequence() throws Exception {
        decoder.poison = 200;
        int[] bad = {100, 101, 200};
        CompletableFuture<Generation> failed = loop.submit(FakeDecoder.prompt(bad, 5), Call.standard());
        check(run(tokens(6, 1), 30), tokens(6, 1), 30);
        assertThatThrownBy(() -> failed.get(100, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(InvalidLogitsException.class)
                .hasMessageContaining("position 3");
        assertThat(loop.statistics().calls().failed()).isOne();
    }

    /** Fails each step that has a token of one of some sequences, which begin with it. */
    private void failOn(RuntimeException failure, int... guilty) {
        decoder.before = step -> {
            for (int token : step.tokens()) {
                if (Arrays.stream(guilty).anyMatch(bad -> bad == token)) {
                    throw failure;
                }
            }
        };
    }

    private List<CompletableFuture<Generation>> submitTogether(int[]... prompts) {
        Consumer<Step> then = decoder.before;
        CountDownLatch all = new CountDownLatch(1);
        decoder.before = step -> {
            await(all);
            decoder.before = then;
            then.accept(step);
        };
        List<CompletableFuture<Generation>> futures = new ArrayList<>();
        for (int[] prompt : prompts) {
            futures.add(loop.submit(FakeDecoder.prompt(prompt, 12), Call.standard()));
        }
        all.countDown();
        return futures;
    }

    private static int[] guilty(int length, int token) {
        int[] prompt = tokens(length, token);
        prompt[length - 1] = token;
        return prompt;
    }

    /** Where a guilty one stands, and how many there are: the others have the tokens that they would have had alone. */
    @Test
    void aStepThatFailsEndsTheGuiltyAlone() throws Exception {
        IllegalArgumentException failure = new IllegalArgumentException("kernel");
        for (int at = 0; at < 7; at++) {
            failOn(failure, 200, 201);
            int[][] prompts = new int[7][];
            for (int i = 0; i < 7; i++) {
                prompts[i] = tokens(5 + i, 10L * at + i);
            }
            prompts[at] = guilty(9, 200);
            prompts[at / 2] = guilty(6, at % 2 == 0 ? 200 : 201);
            List<CompletableFuture<Generation>> all = submitTogether(prompts);
            for (int i = 0; i < 7; i++) {
                CompletableFuture<Generation> each = all.get(i);
                if (i == at || i == at / 2) {
                    assertThatThrownBy(() -> each.get(100, TimeUnit.SECONDS))
                            .cause()
                            .isSameAs(failure);
                } else {
                    check(each.get(100, TimeUnit.SECONDS), prompts[i], 12);
                }
            }
            assertThat(loop.statistics().pages().referenced()).isZero();
        }
        assertThat(loop.statistics().calls().failed()).isEqualTo(13);
        assertThat(loop.statistics().calls().done()).isEqualTo(7 * 7 - 13);
    }

    /** Steps that are too large fail for nobody, and a decoder that always fails ends all, in fewer than two runs each. */
    @Test
    void partsOfAStepThatFailedRunByThemselves() throws Exception {
        decoder.before = step -> {
            if (step.pageTable().length > 2) {
                throw new OutOfMemoryError("step");
            }
        };
        int[][] prompts = IntStream.range(0, 9).mapToObj(i -> tokens(4 + i, i)).toArray(int[][]::new);
        List<CompletableFuture<Generation>> all = submitTogether(prompts);
        for (int i = 0; i < prompts.length; i++) {
            check(all.get(i).get(100, TimeUnit.SECONDS), prompts[i], 12);
        }
        AtomicInteger runs = new AtomicInteger();
        decoder.before = step -> {
            runs.incrementAndGet();
            throw new IllegalStateException("always");
        };
        for (CompletableFuture<Generation> each : submitTogether(prompts)) {
            assertThatThrownBy(() -> each.get(100, TimeUnit.SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
        }
        assertThat(runs.get()).isBetween(prompts.length, 2 * prompts.length);
        decoder.before = step -> {};
        check(run(tokens(4, 1), 6), tokens(4, 1), 6);
    }

    /** A sequence that ends while it waits to run by itself is not run, and holds no pages. */
    @Test
    void aSequenceThatEndsAfterAFailureIsNotRunAgain() throws Exception {
        List<CompletableFuture<Generation>> all = new ArrayList<>();
        int[][] prompts = {tokens(5, 1), tokens(6, 2), guilty(7, 200), tokens(8, 3)};
        AtomicInteger failures = new AtomicInteger();
        CountDownLatch submitted = new CountDownLatch(1);
        decoder.before = step -> {
            await(submitted);
            if (Arrays.stream(step.tokens()).anyMatch(token -> token == 200)) {
                if (failures.getAndIncrement() == 0) {
                    all.get(2).cancel(true);
                    all.get(3).cancel(true);
                }
                throw new IllegalArgumentException("kernel");
            }
        };
        for (int[] prompt : prompts) {
            all.add(loop.submit(FakeDecoder.prompt(prompt, 12), Call.standard()));
        }
        submitted.countDown();
        check(all.get(0).get(100, TimeUnit.SECONDS), prompts[0], 12);
        check(all.get(1).get(100, TimeUnit.SECONDS), prompts[1], 12);
        assertThat(failures).hasValue(1);
        assertThat(loop.statistics().calls().cancelled()).isEqualTo(2);
        assertThat(loop.statistics().calls().failed()).isZero();
    }

    /** NaN logits of sequences in the middle of a step that others are in. */
    @Test
    void logitsThatAreNoNumbersLeaveOthersAlone() throws Exception {
        decoder.poison = 200;
        int[][] prompts = {tokens(5, 1), guilty(6, 200), tokens(7, 3), guilty(8, 200), tokens(9, 4)};
        List<CompletableFuture<Generation>> all = submitTogether(prompts);
        for (int i = 0; i < prompts.length; i++) {
            CompletableFuture<Generation> each = all.get(i);
            if (i % 2 == 1) {
                assertThatThrownBy(() -> each.get(100, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(InvalidLogitsException.class);
            } else {
                check(each.get(100, TimeUnit.SECONDS), prompts[i], 12);
            }
        }
        assertThat(loop.statistics().calls().failed()).isEqualTo(2);
    }

    @Test
    void submittedCallsNeedNoCaller() throws Exception {
        List<CompletableFuture<Generation>> all = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            all.add(loop.submit(FakeDecoder.prompt(tokens(5 + i, i), 20), Call.standard()));
        }
        CompletableFuture<String> text = all.getFirst().thenApply(Generation::text);
        for (int i = 0; i < 30; i++) {
            check(all.get(i).get(100, TimeUnit.SECONDS), tokens(5 + i, i), 20);
        }
        assertThat(text.get(100, TimeUnit.SECONDS))
                .isEqualTo(all.getFirst().join().text());
        assertThat(loop.submit(FakeDecoder.prompt(new int[0], 1), Call.standard()))
                .failsWithin(100, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(InvalidInputException.class);
    }

    @Test
    void aCancelledFutureFreesItsPages() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        decoder.before = step -> {
            runs.countDown();
            await(goesOn);
        };
        CompletableFuture<Generation> first = loop.submit(FakeDecoder.prompt(tokens(9, 1), 50), Call.standard());
        await(runs);
        CompletableFuture<Generation> second = loop.submit(FakeDecoder.prompt(tokens(9, 2), 50), Call.standard());
        assertThat(second.cancel(true)).isTrue();
        assertThat(loop.statistics().calls().waiting()).isZero();
        assertThat(first.cancel(true)).isTrue();
        assertThatThrownBy(first::join).isInstanceOf(CancellationException.class);
        goesOn.countDown();
        check(run(tokens(4, 3), 5), tokens(4, 3), 5);
        assertThat(loop.statistics().calls().cancelled()).isEqualTo(2);
    }

    @Test
    void tooManyAreRefusedAndLanesAreFair() throws Exception {
        remake(new FakeDecoder(400, 1, 300), OPTIONS.maxWaiting(4));
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        decoder.before = step -> {
            runs.countDown();
            await(goesOn);
        };
        Call greedy = Call.standard().lane("greedy");
        List<CompletableFuture<Generation>> all = new ArrayList<>();
        all.add(loop.submit(FakeDecoder.prompt(tokens(4, 0), 5), greedy));
        await(runs);
        for (int i = 1; i <= 4; i++) {
            all.add(loop.submit(FakeDecoder.prompt(tokens(4, i), 5), greedy));
        }
        CompletableFuture<Generation> refused = loop.submit(FakeDecoder.prompt(tokens(4, 5), 5), greedy);
        assertThatThrownBy(refused::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(OverloadedException.class);
        CompletableFuture<Generation> modest =
                loop.submit(FakeDecoder.prompt(tokens(4, 6), 5), Call.standard().lane("modest"));
        assertThatThrownBy(() -> all.getLast().join()).hasCauseInstanceOf(OverloadedException.class);
        AtomicInteger order = new AtomicInteger();
        CompletableFuture<Integer> ofModest = modest.thenApply(g -> order.getAndIncrement());
        CompletableFuture<Integer> ofThird = all.get(2).thenApply(g -> order.getAndIncrement());
        goesOn.countDown();
        assertThat(ofModest.get(100, TimeUnit.SECONDS)).isLessThan(ofThird.get(100, TimeUnit.SECONDS));
        check(modest.join(), tokens(4, 6), 5);
        for (int i = 0; i < 4; i++) {
            check(all.get(i).get(100, TimeUnit.SECONDS), tokens(4, i), 5);
        }
        assertThat(loop.statistics().calls().rejected()).isEqualTo(2);
    }

    @Test
    void closingEndsAllCalls() throws Exception {
        CountDownLatch runs = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        decoder.before = step -> {
            runs.countDown();
            await(goesOn);
        };
        CompletableFuture<Generation> leading =
                CompletableFuture.supplyAsync(() -> run(tokens(5, 1), 20), Thread::startVirtualThread);
        await(runs);
        CompletableFuture<Generation> submitted = loop.submit(FakeDecoder.prompt(tokens(5, 2), 20), Call.standard());
        Thread closing = Thread.ofPlatform().start(loop::close);
        assertThatThrownBy(() -> submitted.get(100, TimeUnit.SECONDS))
                .hasCauseInstanceOf(CancelledPredictionException.class);
        assertThat(decoder.isClosed()).isFalse();
        goesOn.countDown();
        closing.join();
        assertThat(decoder.isClosed()).isTrue();
        assertThatThrownBy(() -> leading.get(100, TimeUnit.SECONDS))
                .hasCauseInstanceOf(CancelledPredictionException.class);
        assertThatThrownBy(() -> run(tokens(5, 1), 2))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("closed");
    }
}
