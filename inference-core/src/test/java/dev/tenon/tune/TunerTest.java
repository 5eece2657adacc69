package dev.tenon.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TuningFileException;
import dev.tenon.kernel.Caches;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Sign;
import dev.tenon.op.nn.Softmax;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Measurements, choices and files of a tuner, with a fake timer. */
class TunerTest {
    private static final Capabilities MACHINE = Capabilities.avx512();
    private static final long L2 = Caches.TYPICAL.l2Bytes();
    private static final long MILLI = 1_000_000;

    @TempDir
    Path folder;

    /** A kernel that does nothing. Its blocks and parts follow from the second cache level, or it has no blocks. */
    private record Blocks(String id, long l2, int parts, long partNanos) implements Kernel {
        Blocks(String id, long l2, int parts) {
            this(id, l2, parts, MILLI);
        }

        @Override
        public String tiling() {
            return l2 == 0 ? "" : "block " + l2;
        }

        @Override
        public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
            throw new AssertionError("only the timer runs kernels");
        }
    }

    private static final KernelSet KERNELS = KernelSet.empty()
            .with(Abs.class, (op, step) -> {
                long l2 = step.capabilities().caches().l2Bytes();
                return new Blocks("blocks", l2, (int) Math.max(1, 4 * L2 / l2));
            })
            .with(Softmax.class, (op, step) -> {
                long l2 = step.capabilities().caches().l2Bytes();
                return new Blocks(l2 > L2 ? "large" : "small", l2, 1);
            })
            .with(
                    Sign.class,
                    (op, step) ->
                            new Blocks("short", step.capabilities().caches().l2Bytes(), 2, 2000))
            .with(Neg.class, (op, step) -> new Blocks("none", 0, 1));

    private final List<String> measured = new ArrayList<>();

    private KernelTimer watch(ToLongFunction<Blocks> nanos) {
        return (kernel, operands, scratch) -> {
            assertThat(operands).hasSize(2).allMatch(o -> o.isNative() && o.byteSize() == 24 * Float.BYTES);
            measured.add(((Blocks) kernel).tiling());
            return nanos.applyAsLong((Blocks) kernel);
        };
    }

    private static final KernelTimer NEVER = (kernel, operands, scratch) -> {
        throw new AssertionError("measured " + kernel);
    };

    private Path file() {
        return folder.resolve("tuning.txt");
    }

    private Tuner tuner(int threads, KernelTimer timer) {
        return new Tuner(file(), MACHINE, threads, timer);
    }

    private static KernelRequest request(Capabilities machine) {
        TensorType type = (TensorType) ValueType.parse("f32[4,6]");
        return KernelRequest.of(List.of(type), List.of(type), machine);
    }

    private static long abs(Tuner tuner) {
        return ((Blocks) tuner.prepare(KERNELS, new Abs(), request(MACHINE))).l2();
    }

    @Test
    void theFastestIsTakenAndKept() throws IOException {
        Tuner tuner = tuner(1, watch(b -> b.l2() == L2 / 4 ? MILLI : 2 * MILLI));
        assertThat(abs(tuner)).isEqualTo(L2 / 4);
        assertThat(Set.copyOf(measured))
                .containsExactlyInAnyOrder(
                        "block " + L2 / 4, "block " + L2 / 2, "block " + L2, "block " + 2 * L2, "block " + 4 * L2);
        assertThat(file()).doesNotExist();
        tuner.save();
        assertThat(Files.readString(file())).startsWith("tenon tuning 1\n").contains("\t1\tblocks\tf32[4,6]:row-major");
        assertThat(abs(tuner(1, NEVER))).isEqualTo(L2 / 4);
        assertThat(abs(tuner)).isEqualTo(L2 / 4);
    }

    @Test
    void theStandardBlocksAreKeptIfOthersGainLittle() {
        assertThat(abs(tuner(1, watch(b -> b.l2() == L2 ? 100 * MILLI : 98 * MILLI))))
                .isEqualTo(L2);
        assertThat(abs(tuner(1, watch(b -> MILLI)))).isEqualTo(L2);
    }

    @Test
    void theBestOfManyTimesCounts() {
        int[] calls = new int[1];
        KernelTimer noisy = watch(b -> {
            calls[0]++;
            long slower = calls[0] % 7 == 0 ? 0 : 3 * MILLI / 2;
            return b.l2() == 2 * L2 ? MILLI + slower : 2 * MILLI + slower;
        });
        assertThat(abs(tuner(1, noisy))).isEqualTo(2 * L2);
    }

    @Test
    void partsAreSharedByThreads() {
        // On one thread one large part is fastest. Four threads run all parts at the same time.
        KernelTimer timer = watch(b -> b.l2() == 4 * L2 ? 4 * MILLI : b.l2() == L2 ? 5 * MILLI : 9 * MILLI);
        assertThat(abs(tuner(1, timer))).isEqualTo(4 * L2);
        assertThat(abs(tuner(4, timer))).isEqualTo(L2);
    }

    @Test
    void shortKernelsAreNotShared() {
        KernelTimer timer = watch(b -> b.l2() == 4 * L2 ? 4000 : 5000);
        assertThat(abs(tuner(4, timer))).isEqualTo(4 * L2);
    }

    @Test
    void kernelsWithoutBlocksOrOfNoTimeAreNotMeasured() {
        Tuner tuner = tuner(1, NEVER);
        assertThat(tuner.prepare(KERNELS, new Sign(), request(MACHINE)).id()).isEqualTo("short");
        assertThat(tuner.prepare(KERNELS, new Neg(), request(MACHINE)).id()).isEqualTo("none");
        assertThat(tuner.prepare(KernelSet.empty(), new Neg(), request(MACHINE)))
                .isNull();
        tuner.save();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anotherKernelIsNoCandidate() {
        KernelTimer timer = watch(b -> b.id().equals("small") ? 2 * MILLI : MILLI);
        Kernel kernel = tuner(1, timer).prepare(KERNELS, new Softmax(-1), request(MACHINE));
        assertThat(kernel.id()).isEqualTo("small");
        assertThat(measured).isNotEmpty().doesNotContain("block " + 2 * L2);
    }

    @Test
    void kernelsThatCantBeMeasuredHaveTheirStandardBlocks() {
        KernelTimer refuses = (kernel, operands, scratch) -> {
            throw new InvalidOperandException("Abs", "zeros", "others", null);
        };
        KernelTimer starves = (kernel, operands, scratch) -> {
            throw new OutOfMemoryError("test");
        };
        for (KernelTimer timer : List.of(refuses, starves)) {
            Tuner tuner = tuner(1, timer);
            assertThat(abs(tuner)).isEqualTo(L2);
            tuner.save();
            assertThat(file()).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 5, 25})
    void measuringEndsWhenItsTimeIsUsedUp(long millis) {
        long[] total = new long[1];
        KernelTimer timer = watch(b -> {
            long nanos = (b.l2() == L2 / 2 ? 1 : 2) * millis * MILLI;
            total[0] += nanos;
            return nanos;
        });
        assertThat(abs(tuner(1, timer))).isEqualTo(L2 / 2);
        assertThat(total[0]).isBetween(200 * MILLI, 500 * MILLI + 4 * millis * MILLI);
    }

    @Test
    void kernelsThatTakeTooLongAreMeasuredOnce() {
        Tuner tuner = tuner(1, watch(b -> b.l2() == L2 ? 1000 * MILLI : MILLI));
        assertThat(abs(tuner)).isEqualTo(L2);
        assertThat(measured).containsExactly("block " + L2, "block " + L2);
        tuner.save();
        assertThat(abs(tuner(1, NEVER))).isEqualTo(L2);
    }

    @Test
    void muchSlowerCandidatesRunOnce() {
        assertThat(abs(tuner(1, watch(b -> b.l2() == 4 * L2 ? 90 * MILLI : b.l2() == L2 / 2 ? MILLI : 2 * MILLI))))
                .isEqualTo(L2 / 2);
        assertThat(measured.stream().filter(("block " + 4 * L2)::equals)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 120, 250})
    void anInterruptEndsMeasuring(int runs) {
        boolean[] once = new boolean[1];
        Tuner tuner = tuner(1, watch(b -> {
            if (measured.size() == runs && !once[0]) {
                once[0] = true;
                Thread.currentThread().interrupt();
            }
            return b.l2() == L2 / 4 ? MILLI : 2 * MILLI;
        }));
        long during = abs(tuner);
        int ran = measured.size();
        boolean interrupted = Thread.interrupted();
        assertThat(List.of(during, (long) ran, interrupted)).isEqualTo(List.of(L2, (long) runs, true));
        tuner.save();
        assertThat(file()).doesNotExist();
        assertThat(abs(tuner)).isEqualTo(L2 / 4);
    }

    @Test
    void aThreadThatIsInterruptedDoesNotMeasure() {
        Thread.currentThread().interrupt();
        long l2 = abs(tuner(1, NEVER));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(l2).isEqualTo(L2);
    }

    @Test
    @Timeout(60)
    void knownKernelsDoNotWaitForMeasurements() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Tuner tuner = tuner(1, (kernel, operands, scratch) -> {
            if (kernel.id().equals("small")) {
                begun.countDown();
                await(done);
            }
            return ((Blocks) kernel).l2() == L2 / 4 ? MILLI : 2 * MILLI;
        });
        assertThat(abs(tuner)).isEqualTo(L2 / 4);
        Thread other = Thread.ofPlatform().start(() -> tuner.prepare(KERNELS, new Softmax(-1), request(MACHINE)));
        begun.await();
        assertThat(abs(tuner)).isEqualTo(L2 / 4);
        tuner.save();
        done.countDown();
        other.join();
        assertThat(TuningFile.read(file())).hasSize(1);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void rememberedMeasuresNothing() {
        assertThat(((Blocks) tuner(1, NEVER).remembered(KERNELS, new Abs(), request(MACHINE))).l2())
                .isEqualTo(L2);
        Tuner tuner = tuner(1, watch(b -> b.l2() == L2 / 4 ? MILLI : 2 * MILLI));
        abs(tuner);
        assertThat(((Blocks) tuner.remembered(KERNELS, new Abs(), request(MACHINE))).l2())
                .isEqualTo(L2 / 4);
    }

    @Test
    void anInterruptedThreadSavesItsMeasurements() {
        Tuner tuner = tuner(1, watch(b -> b.l2() == L2 / 4 ? MILLI : 2 * MILLI));
        abs(tuner);
        Thread.currentThread().interrupt();
        tuner.save();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(abs(tuner(1, NEVER))).isEqualTo(L2 / 4);
    }

    @Test
    void measurementsThatWereNotWrittenAreWrittenNextTime() throws IOException {
        Path later = folder.resolve("later").resolve("tuning.txt");
        Tuner tuner = new Tuner(later, MACHINE, 1, watch(b -> b.l2() == L2 / 4 ? MILLI : 2 * MILLI));
        abs(tuner);
        tuner.save();
        Files.createDirectory(later.getParent());
        tuner.save();
        assertThat(TuningFile.read(later)).hasSize(1);
        Files.delete(later);
        tuner.save();
        assertThat(later).doesNotExist();
    }

    @Test
    void tunersOfAFileKeepTheMeasurementsOfEachOther() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i <= 16; i++) {
            Path path = i % 2 == 0
                    ? file()
                    : folder.resolve("..").resolve(folder.getFileName()).resolve("tuning.txt");
            Tuner tuner = new Tuner(path, MACHINE, i, (kernel, operands, scratch) -> 10 * MILLI);
            abs(tuner);
            threads.add(Thread.ofPlatform().unstarted(tuner::save));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(TuningFile.read(file())).hasSize(16);
    }

    @Test
    void otherMachinesThreadsAndShapesAreMeasuredAnewAndAllAreKept() {
        KernelTimer timer = watch(b -> b.l2() == 2 * L2 ? MILLI : 2 * MILLI);
        Tuner one = tuner(1, timer);
        Tuner two = tuner(2, watch(b -> b.l2() == L2 / 2 ? MILLI : 2 * MILLI));
        Tuner other = new Tuner(file(), Capabilities.avx2(), 1, timer);
        abs(one);
        abs(two);
        other.prepare(KERNELS, new Abs(), request(Capabilities.avx2()));
        one.save();
        two.save();
        other.save();
        assertThat(TuningFile.read(file())).hasSize(3);
        assertThat(abs(tuner(1, NEVER))).isEqualTo(2 * L2);
        assertThat(abs(tuner(2, NEVER))).isEqualTo(L2 / 2);
        TensorType longer = (TensorType) ValueType.parse("f32[24]");
        measured.clear();
        tuner(1, timer).prepare(KERNELS, new Abs(), KernelRequest.of(List.of(longer), List.of(longer), MACHINE));
        assertThat(measured).isNotEmpty();
    }

    @Test
    void attributesArePartOfTheShape() {
        KernelRequest request = request(MACHINE);
        assertThat(TuningKey.of("cpu", 1, "k", new Softmax(0), request))
                .isEqualTo(TuningKey.of("cpu", 1, "k", new Softmax(0), request))
                .isNotEqualTo(TuningKey.of("cpu", 1, "k", new Softmax(1), request));
    }

    @Test
    void aSizeThatTheFileCantExpressIsNoCandidate() {
        Caches level = new Caches(1 << 20, 1 << 20, 0);
        Tuner tuner = tuner(1, watch(b -> b.l2()));
        Capabilities machine = MACHINE.withCaches(level);
        Kernel kernel = tuner.prepare(KERNELS, new Abs(), request(machine));
        assertThat(((Blocks) kernel).l2()).isEqualTo(L2);
        tuner.save();
        assertThat(TuningFile.read(file()).values()).containsExactly(level);
    }

    private byte[] written() throws IOException {
        Tuner tuner = tuner(1, watch(b -> b.l2() == L2 / 4 ? MILLI : 2 * MILLI));
        abs(tuner);
        tuner.save();
        return Files.readAllBytes(file());
    }

    @Test
    void aCutFileIsRefusedAndLeft() throws IOException {
        byte[] whole = written();
        for (int length = 0; length < whole.length; length++) {
            refused(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void aChangedFileIsRefusedAndLeft() throws IOException {
        byte[] whole = written();
        for (int i = 0; i < whole.length; i++) {
            byte[] changed = whole.clone();
            changed[i] ^= 1;
            refused(changed);
        }
        refused(Arrays.copyOf(whole, whole.length + 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "hello", "tenon tuning 2\nend\t0\t00000000\n", "tenon tuning 1\n", "\n\n\n", "end"})
    void aForeignFileIsRefusedAndLeft(String text) throws IOException {
        refused(text.getBytes(StandardCharsets.UTF_8));
    }

    private void refused(byte[] bytes) throws IOException {
        Files.write(file(), bytes);
        assertThatThrownBy(() -> tuner(1, NEVER))
                .isInstanceOf(TuningFileException.class)
                .hasMessageContaining("tuning.txt");
        assertThat(file()).hasBinaryContent(bytes);
    }

    @Test
    void aFolderIsRefused() {
        assertThatThrownBy(() -> new Tuner(folder, MACHINE, 1, NEVER)).isInstanceOf(TuningFileException.class);
    }

    @Test
    void aFileThatWasDamagedMeanwhileIsLeftAndTheSessionGoesOn() throws IOException {
        Tuner tuner = tuner(1, watch(b -> b.l2() == L2 / 4 ? MILLI : 2 * MILLI));
        abs(tuner);
        Files.writeString(file(), "mine");
        tuner.save();
        assertThat(file()).hasContent("mine");
        assertThat(abs(tuner)).isEqualTo(L2 / 4);
    }

    @Test
    void aFileThatCantBeWrittenDoesNotEndTheSession() {
        Tuner tuner = new Tuner(
                folder.resolve("none").resolve("tuning.txt"),
                MACHINE,
                1,
                watch(b -> b.l2() == L2 / 4 ? MILLI : 2 * MILLI));
        abs(tuner);
        tuner.save();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void cpusHaveDifferentDescriptions() {
        String intel = "processor\t: 0\nmodel name\t: Some CPU\t@ 2 GHz\nstepping : 1\nmodel name\t: Other\n";
        Set<String> names = new TreeSet<>(List.of(
                CpuDescription.describe(intel, "amd64", MACHINE),
                CpuDescription.describe(intel, "amd64", Capabilities.avx2()),
                CpuDescription.describe(intel, "amd64", MACHINE.withCaches(new Caches(48 << 10, 2 << 20, 0))),
                CpuDescription.describe("CPU implementer\t: 0x41\nCPU part\t: 0xd40\n", "aarch64", MACHINE),
                CpuDescription.describe("", "aarch64", MACHINE)));
        assertThat(names).hasSize(5).noneMatch(name -> name.contains("\t") || name.contains("\n"));
        assertThat(CpuDescription.describe(intel, "amd64", MACHINE))
                .isEqualTo("amd64, model name Some CPU?@ 2 GHz, stepping 1, 512-bit vectors, 32 registers,"
                        + " caches 32 KB, 1 MB, 16 MB");
    }
}
