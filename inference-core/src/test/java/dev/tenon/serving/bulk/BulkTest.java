package dev.tenon.serving.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.BulkException;
import dev.tenon.serving.BulkReport;
import dev.tenon.serving.CheckpointException;
import dev.tenon.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Long series: order, laziness, errors, progress, and going on after an end. */
class BulkTest {
    /** Picks a number from a table, and fails for an index outside it. */
    private static final Session PICK =
            SmallModels.model("""
            graph pick(%i: i64[n]) {
              %table = const f32[100] @w100
              %y = Gather<axis=0>(%table, %i)
              return %y
            }
            """).session(SessionOptions.standard().threads(1));

    @TempDir
    private Path folder;

    private static Map<String, Tensor> inputs(int i) {
        return Map.of("i", Tensor.of(new long[] {i}));
    }

    private static float table(int i) {
        return SmallModels.random(100).getFloat(i);
    }

    private static Iterator<Integer> items(int count) {
        return IntStream.range(0, count).boxed().iterator();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64, 1000})
    void resultsAreComputedWhenTheyAreAskedFor(int rows) {
        AtomicInteger read = new AtomicInteger();
        Iterator<Integer> items = IntStream.range(0, 300)
                .boxed()
                .peek(i -> read.incrementAndGet())
                .iterator();
        AtomicInteger reports = new AtomicInteger();
        Iterator<BulkResult<Integer>> results = Bulk.of(PICK)
                .rows(rows)
                .startAt(10)
                .progress(p -> reports.incrementAndGet())
                .results(items, BulkTest::inputs);
        assertThat(read.get()).isLessThanOrEqualTo(11);
        for (int i = 10; i < 300; i++) {
            assertThat(results.hasNext()).isTrue();
            BulkResult<Integer> result = results.next();
            assertThat(result.index()).isEqualTo(i);
            assertThat(result.item()).isEqualTo(i);
            // The table has 100 rows.
            assertThat(result.isFailed()).isEqualTo(i >= 100);
            if (i < 100) {
                assertThat(result.outputs().tensor("y").getFloat(0)).isEqualTo(table(i));
            } else {
                assertThat(result.outputs()).isNull();
                assertThat(result.failure())
                        .isInstanceOf(InvalidOperandException.class)
                        .hasMessageContaining(Integer.toString(i));
            }
            assertThat(read.get()).isLessThanOrEqualTo(i + rows + 1);
        }
        assertThat(results.hasNext()).isFalse();
        assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
        assertThat(reports.get()).isPositive();
    }

    @Test
    void resultsTakeNoCheckpointAndNoHelpers() {
        Bulk bulk = Bulk.of(PICK);
        assertThatThrownBy(() -> bulk.parallel(2).results(items(1), BulkTest::inputs))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("parallel 2");
        assertThatThrownBy(() -> bulk.checkpoint(folder.resolve("c")).results(items(1), BulkTest::inputs))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("checkpoint");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 1", "64, 1", "16, 3", "1000, 2"})
    void resultsComeInOrder(int rows, int parallel) {
        List<Integer> seen = new ArrayList<>();
        BulkReport report = Bulk.of(PICK)
                .rows(rows)
                .parallel(parallel)
                .run(items(100), BulkTest::inputs, (index, item, outputs) -> {
                    assertThat(index).isEqualTo(item.longValue());
                    assertThat(outputs.tensor("y").getFloat(0)).isEqualTo(table(item));
                    seen.add(item);
                });
        assertThat(seen).isEqualTo(IntStream.range(0, 100).boxed().toList());
        assertThat(report.next()).isEqualTo(100);
        assertThat(report.done()).isEqualTo(100);
        assertThat(report.failed()).isZero();
    }

    @Test
    void itemsAreReadWhenTheyAreNeeded() {
        AtomicInteger read = new AtomicInteger();
        Iterator<Integer> endless = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                return read.getAndIncrement() % 100;
            }
        };
        assertThatThrownBy(() -> Bulk.of(PICK).rows(10).run(endless, BulkTest::inputs, (index, item, outputs) -> {
                    assertThat(read.get()).isLessThanOrEqualTo((int) index + 20);
                    if (index == 1000) {
                        throw new IllegalStateException("enough");
                    }
                }))
                .hasMessage("enough");
    }

    @Test
    void itemsThatFailAreLeftOutAndReported() {
        List<Long> seen = new ArrayList<>();
        BulkReport report = Bulk.of(PICK)
                .rows(16)
                .onError(Bulk.OnError.SKIP)
                .run(
                        items(103),
                        i -> {
                            if (i == 5) {
                                throw new IllegalArgumentException("no inputs for 5");
                            }
                            return i == 7 ? Map.of() : inputs(i);
                        },
                        (index, item, outputs) -> seen.add(index));
        assertThat(seen).hasSize(98).doesNotContain(5L, 7L, 100L, 101L, 102L);
        assertThat(report.failures()).extracting(BulkReport.Failure::index).containsExactly(5L, 7L, 100L, 101L, 102L);
        assertThat(report.failures().get(0).message()).isEqualTo("no inputs for 5");
        assertThat(report.failures().get(2).message()).contains("100");
        assertThat(report.done()).isEqualTo(98);
        assertThat(report.next()).isEqualTo(103);
    }

    @Test
    void anItemThatFailsEndsTheRun() {
        List<Long> seen = new ArrayList<>();
        assertThatThrownBy(() -> Bulk.of(PICK)
                        .rows(16)
                        .run(items(200), BulkTest::inputs, (index, item, outputs) -> seen.add(index)))
                .isInstanceOfSatisfying(BulkException.class, e -> {
                    assertThat(e).hasMessageContaining("item 100");
                    assertThat(e.report().next()).isEqualTo(100);
                    assertThat(e.report().done()).isEqualTo(100);
                });
        assertThat(seen).hasSize(100);
        assertThatThrownBy(() -> Bulk.of(PICK)
                        .rows(16)
                        .onError(Bulk.OnError.SKIP, 3)
                        .run(items(200), BulkTest::inputs, (index, item, outputs) -> {}))
                .isInstanceOf(BulkException.class)
                .hasMessageContaining("item 103")
                .hasMessageContaining("at most 3 failures");
    }

    /** A sink that fails at an item, once, and keeps all others. */
    private static final class Failing implements BulkSink<Integer> {
        private final List<Long> seen = new ArrayList<>();
        private long flushed;
        private long failAt;

        private Failing(long failAt) {
            this.failAt = failAt;
        }

        @Override
        public void accept(long index, Integer item, Outputs outputs) {
            if (index == failAt) {
                failAt = -1;
                throw new IllegalStateException("sink");
            }
            seen.add(index);
        }

        @Override
        public void flush(long next) {
            flushed = next;
        }
    }

    @Test
    void aRunGoesOnWhereTheLastOneEnded() throws Exception {
        Path file = folder.resolve("checkpoint");
        Bulk bulk = Bulk.of(PICK).rows(8).parallel(2).checkpoint(file);
        Failing sink = new Failing(42);
        assertThatThrownBy(() -> bulk.run(items(100), BulkTest::inputs, sink)).hasMessage("sink");
        assertThat(sink.flushed).isEqualTo(42);
        assertThat(Files.readString(file)).isEqualTo("tenon bulk, next item: 42\n");
        BulkReport report = bulk.run(items(100), BulkTest::inputs, sink);
        assertThat(report.done()).isEqualTo(58);
        assertThat(sink.seen)
                .isEqualTo(IntStream.range(0, 100).mapToObj(Long::valueOf).toList());
        assertThat(bulk.run(items(100), BulkTest::inputs, sink).done()).isZero();
        Files.writeString(file, "something else");
        assertThatThrownBy(() -> bulk.run(items(100), BulkTest::inputs, sink))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("something else");
        assertThat(Bulk.of(PICK)
                        .startAt(90)
                        .run(items(100), BulkTest::inputs, sink)
                        .done())
                .isEqualTo(10);
    }

    @Test
    void progressTellsRateAndTimeLeft() {
        List<BulkProgress> told = new ArrayList<>();
        Bulk.of(PICK)
                .rows(10)
                .total(100)
                .progress(told::add, Duration.ZERO)
                .run(items(100), BulkTest::inputs, (index, item, outputs) -> {});
        assertThat(told).hasSize(11);
        BulkProgress middle = told.get(4);
        assertThat(middle.next()).isEqualTo(50);
        assertThat(middle.itemsPerSecond()).isPositive();
        assertThat(middle.timeLeft()).isPresent();
        assertThat(middle.toString()).contains("50 done, 0 failed").contains("left");
        assertThat(told.getLast().timeLeft()).contains(Duration.ZERO);
    }

    @Test
    void anInterruptEndsARun() {
        assertThatThrownBy(() -> Bulk.of(PICK).rows(10).run(items(100), BulkTest::inputs, (index, item, outputs) -> {
                    if (index == 10) {
                        Thread.currentThread().interrupt();
                    }
                }))
                .isInstanceOf(InterruptedPredictionException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void optionsThatCannotBeAreRefused() {
        Bulk bulk = Bulk.of(PICK);
        assertThatThrownBy(() -> bulk.rows(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> bulk.parallel(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> bulk.startAt(-1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> bulk.total(-1)).isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void anInterruptLosesNoResult() {
        Iterator<BulkResult<Integer>> results = Bulk.of(PICK).rows(4).results(items(8), BulkTest::inputs);
        for (int i = 0; i < 4; i++) {
            results.next();
        }
        Thread.currentThread().interrupt();
        assertThatThrownBy(results::next).isInstanceOf(InterruptedPredictionException.class);
        assertThat(Thread.interrupted()).isTrue();
        for (int i = 4; i < 8; i++) {
            BulkResult<Integer> result = results.next();
            assertThat(result.index()).isEqualTo(i);
            assertThat(result.outputs().tensor("y").getFloat(0)).isEqualTo(table(i));
        }
        assertThat(results.hasNext()).isFalse();
    }

    @Test
    void aSourceThatWaitsForAResultGetsItFirst() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger got = new AtomicInteger();
        Iterator<Integer> source = new Iterator<>() {
            @Override
            public boolean hasNext() {
                assertThat(asked.get()).isEqualTo(got.get());
                return true;
            }

            @Override
            public Integer next() {
                return asked.getAndIncrement();
            }
        };
        Iterator<BulkResult<Integer>> results = Bulk.of(PICK).rows(1).results(source, BulkTest::inputs);
        for (int i = 0; i < 3; i++) {
            assertThat(results.next().index()).isEqualTo(i);
            got.incrementAndGet();
        }
    }

    @Test
    void aSourceOfARunThatWaitsForAResultGetsItFirst() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger got = new AtomicInteger();
        Iterator<Integer> source = new Iterator<>() {
            @Override
            public boolean hasNext() {
                assertThat(asked.get()).isEqualTo(got.get());
                return asked.get() < 3;
            }

            @Override
            public Integer next() {
                return asked.getAndIncrement();
            }
        };
        BulkReport report =
                Bulk.of(PICK).rows(1).run(source, BulkTest::inputs, (index, item, outputs) -> got.incrementAndGet());
        assertThat(report.done()).isEqualTo(3);
    }

    /** A sink whose disk is full fails twice: for a result, and when it is flushed. */
    @Test
    void theFirstFailureOfASinkIsTold() {
        BulkSink<Integer> sink = new BulkSink<>() {
            @Override
            public void accept(long index, Integer item, Outputs outputs) {
                throw new IllegalStateException("first");
            }

            @Override
            public void flush(long next) {
                throw new IllegalStateException("second");
            }
        };
        assertThatThrownBy(() -> Bulk.of(PICK).run(items(10), BulkTest::inputs, sink))
                .hasMessage("first")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThatThrownBy(() -> Bulk.of(PICK).run(items(0), BulkTest::inputs, sink))
                .hasMessage("second");
    }

    @Test
    void anItemWithoutInputsFailsAlone() {
        Iterator<BulkResult<Integer>> results = Bulk.of(PICK).rows(3).results(items(3), i -> i == 1 ? null : inputs(i));
        assertThat(results.next().isFailed()).isFalse();
        assertThat(results.next().failure())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("inputs of 1");
        assertThat(results.next().outputs().tensor("y").getFloat(0)).isEqualTo(table(2));
    }
}
