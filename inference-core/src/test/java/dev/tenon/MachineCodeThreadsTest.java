package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.nativecode.NativeFunction;
import dev.tenon.op.Op;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.ProcessMemory;
import dev.tenon.testkit.Profile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Kernels in machine code from eight threads, four of them virtual, while other threads make kernels and sessions and collect
 * garbage. Many calls have memory of their own that nobody else refers to, so it would be freed if a call did not keep it.
 */
@Tag("vector")
class MachineCodeThreadsTest {
    private static final int THREADS = 8;
    private static final int WARM_UP = 20_000;
    private static final int CALLS = 100_000;
    private static final int MANY_CALLS = 10_000_000;

    /** One of so many calls has memory of its own. */
    private static final int OWN_MEMORY = 16;

    /** Compiled Java code, memory pools of threads and the like; a page for each call would be more than twice as much. */
    private static final long GROWTH = 160 << 20;

    /** So many kernels are prepared. Their functions are shared: one of its own for each would be a page for each. */
    private static final int KERNELS = 1000;

    private static final long CODE_PAGE = 4096;
    private static final int MOST_ROWS = 40;
    private static final Path MAPS = Path.of("/proc/self/maps");

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Product> products = new ArrayList<>();
    private final List<Capabilities> machines = Profile.ofEachByteProduct();
    private final AtomicInteger made = new AtomicInteger();

    /** A kernel, the bytes of its packed operands, and its result. */
    private record Product(Kernel kernel, List<byte[]> operands, byte[] result) {
        MemorySegment[] memory() {
            MemorySegment[] memory = new MemorySegment[operands.size() + 1];
            for (int i = 0; i < operands.size(); i++) {
                memory[i] = allocate(operands.get(i).length);
                MemorySegment.copy(MemorySegment.ofArray(operands.get(i)), 0, memory[i], 0, operands.get(i).length);
            }
            memory[operands.size()] = allocate(result.length);
            return memory;
        }

        MemorySegment scratch() {
            return allocate(kernel.scratchBytes());
        }

        /** Nobody else refers to the memory, except to the result. */
        private static MemorySegment allocate(long bytes) {
            return Arena.ofAuto().allocate(bytes, 64);
        }
    }

    @Test
    void callsStayRightAndMemoryStays() throws InterruptedException {
        check(CALLS);
    }

    @Test
    @Tag("exhaustive")
    void tenMillionCalls() throws InterruptedException {
        check(MANY_CALLS);
    }

    private void check(int calls) throws InterruptedException {
        Random random = new Random(7);
        for (int[] size : new int[][] {{1, 64, 64}, {12, 33, 70}, {16, 96, 48}, {40, 80, 33}, {7, 17, 130}}) {
            for (Capabilities machine : machines) {
                for (Op op : List.of(new MatMul(), new Gemm(1, 1, false, true), new MatMulInteger())) {
                    products.add(product(op, size[0], size[1], size[2], machine, random));
                }
            }
        }
        // The functions for all heights, so that none is left to be made.
        for (int m = 1; m <= MOST_ROWS; m++) {
            for (Capabilities machine : machines) {
                product(new MatMul(), m, 20, 10, machine, random);
                product(new MatMulInteger(), m, 20, 10, machine, random);
            }
        }
        runAll(WARM_UP);
        long live = ProcessMemory.liveHeapBytes();
        long direct = ProcessMemory.directBytes();
        long resident = residentBytes();
        long code = codeBytes();
        made.set(0);
        runAll(calls);
        assertThat(ProcessMemory.liveHeapBytes()).as("heap").isLessThan(live + GROWTH);
        assertThat(ProcessMemory.until(() -> ProcessMemory.directBytes() <= direct + (1 << 20)))
                .as("native memory of arenas: %d bytes, before %d", ProcessMemory.directBytes(), direct)
                .isTrue();
        assertThat(residentBytes()).as("memory of the process").isLessThan(resident + GROWTH);
        assertThat(made).as("kernels that were prepared").hasValueGreaterThanOrEqualTo(KERNELS);
        assertThat(codeBytes()).as("machine code").isLessThan(code + KERNELS / 4 * CODE_PAGE);
    }

    private static Product product(Op op, int m, int n, int k, Capabilities machine, Random random) {
        List<Datum> operands =
                switch (op) {
                    case MatMulInteger _ ->
                        List.of(
                                Literals.random(DType.UINT8, random.nextLong(), m, k),
                                Literals.random(DType.INT8, random.nextLong(), k, n),
                                Literals.random(DType.UINT8, random.nextLong()));
                    case Gemm _ ->
                        List.of(
                                Literals.random(DType.FLOAT32, random.nextLong(), m, k),
                                Literals.random(DType.FLOAT32, random.nextLong(), n, k),
                                Literals.random(DType.FLOAT32, random.nextLong(), n));
                    default ->
                        List.of(
                                Literals.random(DType.FLOAT32, random.nextLong(), m, k),
                                Literals.random(DType.FLOAT32, random.nextLong(), k, n));
                };
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(), op, operands, KernelRun.outputTypes(op, operands, 1), true, machine);
        KernelRequest request = prepared.request();
        List<byte[]> packed = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            long bytes = request.layout(i).byteSize(request.inputs().get(i));
            MemorySegment memory = Arena.ofAuto().allocate(bytes, 64);
            request.layout(i).pack((Tensor) operands.get(i), memory);
            packed.add(memory.toArray(ValueLayout.JAVA_BYTE));
        }
        Tensor result = KernelRun.run(prepared, operands).getFirst();
        return new Product(prepared.kernel(), packed, result.segment().toArray(ValueLayout.JAVA_BYTE));
    }

    private void runAll(int calls) throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> callers = IntStream.range(0, THREADS)
                .mapToObj(i -> (i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual())
                        .start(guarded(() -> call(calls / THREADS, new Random(i)))))
                .toList();
        List<Thread> others = List.of(
                Thread.ofPlatform().start(guarded(() -> makeKernels(done))),
                Thread.ofPlatform().start(guarded(() -> makeSessions(done))),
                Thread.ofPlatform().start(guarded(() -> collectGarbage(done))));
        for (Thread caller : callers) {
            caller.join();
        }
        done.set(true);
        for (Thread other : others) {
            other.join();
        }
        assertThat(failures).isEmpty();
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private Runnable guarded(Work work) {
        return () -> {
            try {
                work.run();
            } catch (Throwable e) {
                failures.add(e);
            }
        };
    }

    private void call(int calls, Random random) {
        List<MemorySegment[]> memory = products.stream().map(Product::memory).toList();
        List<MemorySegment> scratch = products.stream().map(Product::scratch).toList();
        List<MemorySegment> expected =
                products.stream().map(p -> MemorySegment.ofArray(p.result())).toList();
        for (int i = 0; i < calls && failures.isEmpty(); i++) {
            int which = random.nextInt(products.size());
            Product p = products.get(which);
            boolean own = random.nextInt(OWN_MEMORY) == 0;
            MemorySegment result = own ? runDropped(p) : run(p, memory.get(which), scratch.get(which));
            if (result.mismatch(expected.get(which)) >= 0) {
                throw new AssertionError(p.kernel().id() + ": call " + i + " gave other bits");
            }
        }
    }

    private static MemorySegment run(Product p, MemorySegment[] memory, MemorySegment scratch) {
        MemorySegment result = memory[memory.length - 1];
        result.fill((byte) 0);
        p.kernel().runAll(memory, scratch);
        return result;
    }

    private static MemorySegment runDropped(Product p) {
        MemorySegment[] memory = p.memory();
        MemorySegment result = memory[memory.length - 1];
        p.kernel().runAll(memory, p.scratch());
        return result;
    }

    private void makeKernels(AtomicBoolean done) {
        Random random = new Random(11);
        while ((!done.get() || made.get() < KERNELS) && failures.isEmpty()) {
            Capabilities machine = machines.get(random.nextInt(machines.size()));
            Op op = random.nextBoolean() ? new MatMul() : new MatMulInteger();
            int m = 1 + random.nextInt(MOST_ROWS);
            Product p = product(op, m, 2 + random.nextInt(100), random.nextInt(60), machine, random);
            byte[] again = runDropped(p).toArray(ValueLayout.JAVA_BYTE);
            assertThat(again).isEqualTo(p.result());
            made.incrementAndGet();
        }
    }

    private void makeSessions(AtomicBoolean done) {
        Tensor x = SmallModels.random(9, 16);
        byte[] expected = null;
        while (!done.get() && failures.isEmpty()) {
            Session session = SmallModels.perceptron().session();
            byte[] found = session.predict(Map.of("x", x)).tensor().segment().toArray(ValueLayout.JAVA_BYTE);
            expected = expected == null ? found : expected;
            assertThat(found).isEqualTo(expected);
        }
    }

    private void collectGarbage(AtomicBoolean done) throws InterruptedException {
        while (!done.get() && failures.isEmpty()) {
            System.gc();
            Thread.sleep(20);
        }
    }

    /** The memory of the process beside the heap, without what the C library keeps for later allocations. */
    private static long residentBytes() {
        NativeFunction trim = NativeFunction.ofSystem("malloc_trim");
        if (trim != null) {
            trim.call(0);
        }
        return ProcessMemory.residentBesideHeap();
    }

    /** The bytes of executable memory that no file stands for. The JVM's own code lies in memory that it may write to. */
    private static long codeBytes() {
        try {
            return Files.readAllLines(MAPS).stream()
                    .filter(line -> line.contains(" r-xp ") && line.strip().endsWith(" 0"))
                    .map(line -> line.substring(0, line.indexOf(' ')).split("-"))
                    .mapToLong(range -> Long.parseLong(range[1], 16) - Long.parseLong(range[0], 16))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
