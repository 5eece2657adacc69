package dev.tenon.formats.onnx.proto;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.protobuf.WireReader;

/** Counts how much of the limits one file has used. */
final class ReadBudget {
    private static final long WORK_PER_RECORD = 200;

    private final Limits limits;
    private long records;
    private long nodes;
    private long tensors;
    private int depth;

    ReadBudget(Limits limits) {
        this.limits = limits;
    }

    /** Counts a message, a string or a list entry. */
    void record(WireReader in) {
        WorkBudget.spend(WORK_PER_RECORD);
        if (++records > limits.maxRecords()) {
            throw exceeded(in, "more messages, strings and list entries", "maxRecords", limits.maxRecords());
        }
    }

    void node(WireReader in) {
        record(in);
        if (++nodes > limits.maxNodes()) {
            throw exceeded(in, "more nodes", "maxNodes", limits.maxNodes());
        }
    }

    void tensor(WireReader in) {
        record(in);
        if (++tensors > limits.maxTensors()) {
            throw exceeded(in, "more tensors", "maxTensors", limits.maxTensors());
        }
    }

    /** Goes one level down into a graph, type or sequence. {@link #leave} goes up again. */
    void enter(WireReader in) {
        record(in);
        if (++depth > limits.maxNesting()) {
            throw exceeded(in, "deeper nesting of graphs, types or sequences", "maxNesting", limits.maxNesting());
        }
    }

    void leave() {
        depth--;
    }

    String string(WireReader in) {
        record(in);
        return in.string(limits.maxStringBytes());
    }

    void rank(WireReader in, int rank) {
        record(in);
        if (rank > limits.maxRank()) {
            throw exceeded(in, rank + " dimensions", "maxRank", limits.maxRank());
        }
    }

    private static ResourceLimitException exceeded(WireReader in, String found, String limit, long value) {
        return new ResourceLimitException(
                in.place(), found, "at most " + value, "raise Limits." + limit + " if the source is trusted");
    }
}
