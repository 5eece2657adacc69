package dev.tenon.graph.rules;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.GraphOp;
import dev.tenon.graph.control.Loop;
import dev.tenon.graph.control.Scan;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.op.Op;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * A loop that goes through a sequence and carries states of [batch, hidden]: a Scan over one tensor, or a Loop that
 * gathers the element of its round.
 */
final class RecurrentLoop {
    private final Node node;
    private final Graph body;
    private final List<Value> states;
    private final List<Value> next;
    private final List<Value> given;
    private final int initial;

    /** The element of the sequence in the body, the sequence around it, and the axis that it is cut along. */
    private Value x;

    private Value sequence;
    private int axis;
    private boolean reversed;

    private String reason;
    private RecurrentCell cell;

    RecurrentLoop(Node node) {
        this.node = node;
        GraphOp op = (GraphOp) node.op();
        this.body = op.bodies().getFirst();
        int carried = op instanceof Loop l ? l.carried() : ((Scan) op).states();
        this.initial = op instanceof Loop ? 2 : 0;
        int first = op instanceof Loop ? 1 : 0;
        this.states = body.inputs().subList(initial, initial + carried);
        this.next = body.outputs().subList(first, first + carried);
        this.given = body.outputs().subList(first + carried, body.outputs().size());
        this.reason = op instanceof Loop l ? loop(l) : scan((Scan) op);
        if (reason == null) {
            reason = shapes();
        }
        if (reason == null) {
            cell = RecurrentCell.of(body, x, states, next);
            reason = cell == null ? "its rounds are no steps of a cell" : outputs();
        }
    }

    /** The cell that a loop may be made of: 2 states for LSTM, 1 for GRU, 0 for RNN; -1 if it looks like none. */
    static int looksLike(Node node) {
        GraphOp op = (GraphOp) node.op();
        Graph body = op.bodies().getFirst();
        int carried = op instanceof Loop l ? l.carried() : ((Scan) op).states();
        boolean sequence = op instanceof Loop || ((Scan) op).scans() == 1;
        int captured = node.inputs().size() - op.captured();
        boolean settled =
                node.inputs().subList(captured, node.inputs().size()).stream().noneMatch(Value::isConstant);
        if (!sequence || !settled || !any(body, o -> o instanceof MatMul || o instanceof Gemm)) {
            return -1;
        }
        boolean gates = any(body, o -> o instanceof Sigmoid) && any(body, o -> o instanceof Tanh);
        if (carried == 2) {
            return gates ? 2 : -1;
        }
        if (carried != 1) {
            return -1;
        }
        Value h = body.outputs().get(op instanceof Loop ? 1 : 0);
        boolean plain =
                h.producer() != null && RecurrentCell.isPlain(h.producer().op());
        return plain ? 0 : gates ? 1 : -1;
    }

    private static boolean any(Graph body, Predicate<Op> condition) {
        return body.nodes().stream().anyMatch(n -> condition.test(n.op()));
    }

    private String scan(Scan scan) {
        x = body.inputs().get(scan.states());
        sequence = node.input(scan.states());
        int rank = Shapes.rank(sequence);
        long given = scan.inputAxes().isEmpty() ? 0 : scan.inputAxes().getFirst();
        axis = (int) (given < 0 ? given + rank : given);
        reversed = !scan.inputDirections().isEmpty() && scan.inputDirections().getFirst() != 0;
        return null;
    }

    private String loop(Loop loop) {
        Value round = body.inputs().getFirst();
        Value condition = node.input(1);
        Value go = body.outputs().getFirst();
        boolean endless = condition == null || isTrue(condition);
        if (!endless || go != body.inputs().get(1) && !isTrue(go)) {
            return "it ends by a condition";
        }
        for (Node n : body.nodes()) {
            for (int i = 0; i < n.inputs().size(); i++) {
                if (n.input(i) != round) {
                    continue;
                }
                int captured = body.inputs().indexOf(n.input(0)) - 2 - loop.carried();
                boolean gathers = n.op() instanceof Gather && i == 1 && captured >= 0 && x == null;
                if (!gathers) {
                    return "the number of the round is used otherwise than to read one sequence";
                }
                x = n.output();
                sequence = node.input(2 + loop.carried() + captured);
                int rank = Shapes.rank(sequence);
                int its = ((Gather) n.op()).axis();
                axis = its < 0 ? its + rank : its;
            }
        }
        if (x == null) {
            return "no sequence is read";
        }
        Value most = node.input(0);
        List<Dim> rounds = most == null ? null : most.symbolic();
        boolean all = rounds != null && rounds.size() == 1;
        all = all && Shapes.rank(sequence) == 3 && axis < 3;
        return all && rounds.getFirst().equals(Shapes.of(sequence).dim(axis))
                ? null
                : "the number of rounds is not known to be the length of the sequence";
    }

    private static boolean isTrue(Value v) {
        return v.isConstant()
                && v.constant().dtype() == DType.BOOL
                && v.constant().getBoolean(0);
    }

    private String shapes() {
        Shape s = Shapes.of(sequence);
        if (!s.hasRank() || s.rank() != 3 || axis > 1 || !s.dim(2).isKnown()) {
            return "it goes through a sequence of shape " + s + " along axis " + axis;
        }
        if (sequence.tensorType().dtype() != DType.FLOAT32) {
            return "the sequence is not of f32";
        }
        for (int i = 0; i < states.size(); i++) {
            Shape h = Shapes.of(node.input(initial + i));
            boolean fits = h.hasRank()
                    && h.rank() == 2
                    && h.dim(1).isKnown()
                    && h.dim(0).equals(s.dim(1 - axis));
            if (!fits) {
                return "a state begins with shape " + h + " for a sequence of " + s;
            }
        }
        return null;
    }

    private String outputs() {
        Value h = next.get(cell.hidden());
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i) != h) {
                return "it gives more than its hidden state";
            }
            if (node.op() instanceof Scan scan) {
                List<Long> directions = scan.outputDirections();
                boolean backwards = !directions.isEmpty() && directions.get(i) != 0;
                if (backwards != reversed) {
                    return "what it gives is stacked in another direction";
                }
                long its = outputAxis(i);
                if (its < -3 || its > 1 || its == -1) {
                    return "what it gives is stacked along axis " + its;
                }
            } else if (reversed) {
                return "it goes backwards";
            }
        }
        return null;
    }

    private long outputAxis(int i) {
        return node.op() instanceof Scan s && !s.outputAxes().isEmpty()
                ? s.outputAxes().get(i)
                : 0;
    }

    /** Why the loop is no recurrent operator, or null. */
    String reason() {
        return reason;
    }

    /** What stands for the outputs of the loop. */
    List<Value> build(Emitter to) {
        Value rows = axis == 0 ? sequence : to.add(Shapes.transpose(1, 0, 2), sequence);
        Value first = to.constant(Tensor.of(new long[] {0}));
        List<Value> operands = new ArrayList<>(List.of(
                rows, to.constant(cell.inputWeights()), to.constant(cell.stateWeights()), to.constant(cell.bias())));
        operands.add(null);
        operands.add(to.add(new Unsqueeze(), node.input(initial + cell.hidden()), first));
        if (states.size() == 2) {
            operands.add(to.add(new Unsqueeze(), node.input(initial + 1 - cell.hidden()), first));
        }
        List<Value> made = to.add(cell.op(reversed), operands, 1 + states.size());
        Value[] results = new Value[states.size() + given.size()];
        results[cell.hidden()] = to.add(new Squeeze(), made.get(1), first);
        if (states.size() == 2) {
            results[1 - cell.hidden()] = to.add(new Squeeze(), made.get(2), first);
        }
        Value second = to.constant(Tensor.of(new long[] {1}));
        for (int i = 0; i < given.size(); i++) {
            Value all = to.add(new Squeeze(), made.getFirst(), second);
            long its = outputAxis(i);
            results[states.size() + i] = its == 0 || its == -3 ? all : to.add(Shapes.transpose(1, 0, 2), all);
        }
        return Arrays.asList(results);
    }
}
