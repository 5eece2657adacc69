package dev.tenon.serving.run;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Computes lists of calls on the threads of its callers: those of equal shapes together, as far as rows fit. Nothing waits
 * here. Safe for any number of threads.
 */
public final class ListRun {
    private final Served served;
    private final int maxRows;
    private final Reports reports;
    private final Runner<Item> runner;

    /**
     * Runs of a session.
     *
     * @param session computes the calls
     * @param options how calls are merged
     * @throws dev.tenon.serving.NotBatchableException if rows of several calls can't be computed together
     */
    public ListRun(Session session, BatchOptions options) {
        this.served = Served.of(session, options);
        this.maxRows = options.maxRows();
        Reports all = new Reports(served.name(), options, () -> 0);
        this.reports = all;
        this.runner = new Runner<>(served, all, System::nanoTime, (finished, now) -> report(finished, now, all));
    }

    /** A call of a list. */
    private static final class Item implements Member {
        private final Map<String, ? extends Datum> inputs;
        private final int rows;
        private final RowGroup group;
        private final long start = System.nanoTime();
        private long begun;
        /** Null while it is open. */
        private Outcome result;
        /** The outputs of the run that computed it, and its first row in them; less than 0 if all rows are its own. */
        private Outputs together;

        private int from;

        private Item(Map<String, ? extends Datum> inputs, Served served) {
            served.engine().check(inputs);
            int count = served.groups().count(inputs);
            this.inputs = inputs;
            this.rows = Math.max(1, count);
            this.group = served.groups().waiting(inputs, count);
        }

        @Override
        public Map<String, ? extends Datum> inputs() {
            return inputs;
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public void begin(long now) {
            begun = begun == 0 ? now : begun;
        }

        @Override
        public boolean isOpen() {
            return result == null;
        }

        @Override
        public boolean isGone() {
            return false;
        }

        @Override
        public void computed(Outputs outputs, int first, boolean readLate) {
            together = outputs;
            from = first;
            result = Outcome.COMPUTED;
        }

        @Override
        public void failed(Outcome outcome) {
            result = outcome;
        }

        private void report(Reports reports, long now) {
            long at = begun == 0 ? now : begun;
            reports.call("", rows, at - start, now - at, result.kind());
        }

        /** The outcome, which does not keep the outputs of others. */
        private Outcome outcome() {
            if (result.failure() != null) {
                return result;
            }
            try {
                return Outcome.done(from < 0 ? together : group.rows.part(together, from, from + rows, inputs));
            } catch (RuntimeException e) {
                return Outcome.failed(e);
            }
        }
    }

    /**
     * Computes calls.
     *
     * @param calls give the inputs of each; the outcome of one that throws is the exception
     * @return the outcome of each
     * @throws dev.tenon.error.InterruptedPredictionException if the thread is interrupted
     */
    public List<Outcome> compute(List<? extends Supplier<? extends Map<String, ? extends Datum>>> calls) {
        Item[] items = new Item[calls.size()];
        Outcome[] outcomes = new Outcome[items.length];
        Map<RowGroup, List<Item>> waiting = new IdentityHashMap<>();
        for (int i = 0; i < items.length; i++) {
            try {
                items[i] = new Item(calls.get(i).get(), served);
            } catch (RuntimeException e) {
                outcomes[i] = Outcome.failed(e);
                continue;
            }
            RowGroup group = items[i].group;
            List<Item> mates = waiting.computeIfAbsent(group, g -> new ArrayList<>());
            mates.add(items[i]);
            if (group == null || rows(mates) >= maxRows) {
                run(group, waiting.remove(group));
            }
        }
        waiting.forEach(this::run);
        for (int i = 0; i < items.length; i++) {
            outcomes[i] = items[i] == null ? outcomes[i] : items[i].outcome();
        }
        return List.of(outcomes);
    }

    private static int rows(List<Item> items) {
        int rows = 0;
        for (Item item : items) {
            rows += item.rows;
        }
        return rows;
    }

    private void run(RowGroup group, List<Item> items) {
        BatchRun<Item> run = runner.run(items, group, true);
        report(run.finished(), run.ended(), reports);
        if (run.interrupted() != null) {
            throw run.interrupted();
        }
        if (run.broken() != null) {
            Outcome broken = Outcome.broken(served.name(), run.broken());
            for (Item item : items) {
                if (item.isOpen()) {
                    item.failed(broken);
                    item.report(reports, System.nanoTime());
                }
            }
        }
        reports.run(items.size(), rows(items), run.nanos());
    }

    private static void report(List<Item> finished, long now, Reports reports) {
        finished.forEach(item -> item.report(reports, now));
    }

    /** {@return what was done until now} */
    public BatchStatistics statistics() {
        return reports.snapshot(0);
    }
}
