package dev.tenon.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.TenonException;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.Tier;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * No operator takes long over tensors without elements, however large their other dimensions are. Each case of each
 * operator is tried with a dimension of 0 and others of 2^40 in place of its own dimensions.
 */
@Tag("tiers")
class EmptyTensorsTest {
    private static final long HUGE = 1L << 40;

    /** Processor time far longer than any of these takes, and far shorter than a loop over 2^40. */
    private static final long LONGEST_NANOS = 5_000_000_000L;

    /** Ends a step that was given up. */
    private static final WorkLimits LIMIT = new WorkLimits(600_000_000_000L, Long.MAX_VALUE, "", "");

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final List<OpCase> cases = variants();
    private final AtomicInteger next = new AtomicInteger();
    private final List<String> failures = new ArrayList<>();
    private volatile long started;

    @Test
    void endEarly() throws InterruptedException {
        assertThat(cases).hasSizeGreaterThan(1000);
        Thread worker = worker();
        int seen = -1;
        while (worker.isAlive()) {
            worker.join(100);
            int now = next.get();
            long taken = THREADS.getThreadCpuTime(worker.threadId()) - started;
            if (now == seen && next.get() == now && taken > LONGEST_NANOS) {
                add(cases.get(now) + " does not end: " + Arrays.toString(worker.getStackTrace()));
                next.compareAndSet(now, now + 1);
                worker = worker();
            }
            seen = now;
        }
        assertThat(failures).isEmpty();
    }

    private Thread worker() {
        started = 0;
        Thread thread = new Thread(this::runCases, "empty-tensors");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void runCases() {
        for (int i = next.get(); i < cases.size(); i++) {
            started = THREADS.getCurrentThreadCpuTime();
            run(cases.get(i));
            if (!next.compareAndSet(i, i + 1)) {
                return;
            }
        }
    }

    private void run(OpCase c) {
        try {
            WorkBudget.started(c, LIMIT).run(() -> {
                List<Datum> results = new Operands(c.op(), "", c.inputs(), c.outputs()).evaluate();
                runKernel(c, results);
                return null;
            });
        } catch (InterruptedPredictionException e) {
            add(c + " takes long: " + e.getMessage() + " at " + Arrays.toString(e.getStackTrace()));
        } catch (TenonException e) {
            // Most of these shapes fit no operator, and some results would be too large.
            assertThat(e).hasMessageContaining(":");
        } catch (RuntimeException | Error e) {
            add(c + ": " + e + " at " + Arrays.toString(e.getStackTrace()));
        }
    }

    /** As a plan does: where all outputs are empty, no kernel runs. */
    private static void runKernel(OpCase c, List<Datum> results) {
        List<TensorType> types = new ArrayList<>();
        List<ValueType> all = new ArrayList<>();
        for (Datum d : results) {
            if (!(d instanceof Tensor t) || t.dtype() == DType.STRING) {
                return;
            }
            types.add(t.type());
            all.add(t.type());
        }
        if (Operands.emptyTensors(all, all.size()) != null || !CoreKernels.set().has(c.op())) {
            return;
        }
        KernelRun.Prepared kernel =
                KernelRun.prepare(CoreKernels.set(), c.op(), c.inputs(), types, false, Tier.capabilities());
        if (kernel != null) {
            KernelRun.run(kernel, c.inputs());
        }
    }

    private synchronized void add(String failure) {
        failures.add(failure);
    }

    private static List<OpCase> variants() {
        List<OpCase> all = new ArrayList<>();
        for (OpDefinition<?> d : AllCases.operators().definitions()) {
            List<OpCase> own = AllCases.of(d);
            for (OpCase c : own.subList(0, Math.min(8, own.size()))) {
                addVariants(c, all);
            }
        }
        return all;
    }

    /** All dimensions of one size become 0, and all of another size huge: in all operands, and in one alone. */
    private static void addVariants(OpCase c, List<OpCase> all) {
        Set<Long> sizes = new LinkedHashSet<>();
        for (Datum d : c.inputs()) {
            if (d instanceof Tensor t) {
                Arrays.stream(t.dims()).forEach(sizes::add);
            }
        }
        for (long none : sizes) {
            for (long much : sizes) {
                if (none != much) {
                    addVariant(c, "all " + none + " are 0, all " + much + " huge", d -> changed(d, none, much), all);
                }
            }
        }
        for (int i = 0; i < c.inputs().size(); i++) {
            if (!(c.inputs().get(i) instanceof Tensor t)) {
                continue;
            }
            for (int axis = 0; axis < t.rank(); axis++) {
                long[] dims = t.dims();
                Arrays.fill(dims, HUGE);
                dims[axis] = 0;
                addVariant(c, "input " + i + " has no axis " + axis, d -> d == t ? with(t, dims) : d, all);
                long[] one = t.dims();
                one[axis] = 0;
                one[(axis + 1) % one.length] = one.length == 1 ? 0 : HUGE;
                addVariant(c, "input " + i + " without axis " + axis, d -> d == t ? with(t, one) : d, all);
            }
        }
    }

    private interface Change {
        Datum of(Datum d);
    }

    private static void addVariant(OpCase c, String name, Change change, List<OpCase> all) {
        List<Datum> inputs = new ArrayList<>();
        boolean any = false;
        for (Datum d : c.inputs()) {
            Datum changed = d == null ? null : change.of(d);
            any |= changed != d;
            inputs.add(changed);
        }
        if (any) {
            all.add(new OpCase(c.name() + ", " + name, c.op(), inputs, c.outputs(), null, null));
        }
    }

    private static Datum changed(Datum d, long none, long much) {
        if (!(d instanceof Tensor t)) {
            return d;
        }
        long[] dims = t.dims();
        boolean empty = false;
        for (int i = 0; i < dims.length; i++) {
            empty |= dims[i] == none;
            dims[i] = dims[i] == none ? 0 : dims[i] == much ? HUGE : dims[i];
        }
        return empty ? with(t, dims) : d;
    }

    private static Tensor with(Tensor t, long[] dims) {
        return Tensor.allocate(t.dtype(), dims);
    }
}
