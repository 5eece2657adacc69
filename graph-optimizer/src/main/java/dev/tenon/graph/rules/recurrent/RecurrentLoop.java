package dev.tenon.graph.rules.recurrent;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.Loop;
import dev.tenon.graph.control.Scan;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rules.analysis.Producers;
import dev.tenon.graph.rules.analysis.Reversals;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Sub;
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
 * A loop over a sequence that carries states of shape [batch, hidden]: a Scan over one tensor, or a Loop that gathers
 * one element in each iteration, counted from the beginning or from the end. If the sequence was reversed before the
 * loop, the operator goes through it in the other direction, and its outputs are reversed.
 */
final class RecurrentLoop {
    private static final int MAX_DEPTH = 4;

    private final Node node;
    private final Graph body;
    private final List<Value> states;
    private final List<Value> next;
    private final List<Value> given;
    private final int initial;

    /** The element of the sequence in the body, the sequence outside of it, and the axis of its elements. */
    private Value x;

    private Value sequence;
    private int axis;

    /** Whether the loop begins at the end of its operand, and stacks its outputs in the order of the operand. */
    private boolean reversed;

    /** Whether the first iteration has the last element of the sequence, and its result comes first in the outputs. */
    private boolean backwards;

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
        this.reason = op instanceof Loop ? loop() : scan((Scan) op);
        if (reason == null) {
            Value whole = Reversals.source(sequence, axis);
            backwards ^= whole != null;
            sequence = whole != null ? whole : sequence;
            reason = shapes();
        }
        if (reason == null) {
            cell = RecurrentCell.of(body, x, states, next);
            reason = cell == null ? "its iterations are no steps of a cell" : outputs();
        }
    }

    /** The cell that a loop may be made of: 2 states for LSTM, 1 for GRU, 0 for RNN; -1 if it looks like none. */
    static int looksLike(Node node) {
        GraphOp op = (GraphOp) node.op();
        Graph body = op.bodies().getFirst();
        int carried = op instanceof Loop l ? l.carried() : ((Scan) op).states();
        boolean sequence = op instanceof Loop || ((Scan) op).scans() == 1;
        int captured = node.inputs().size() - op.captured();
        boolean constantsInside =
                node.inputs().subList(captured, node.inputs().size()).stream().noneMatch(Value::isConstant);
        if (!sequence || !constantsInside || !any(body, o -> o instanceof MatMul || o instanceof Gemm)) {
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

    /** Sets the sequence of a Scan. */
    private String scan(Scan scan) {
        x = body.inputs().get(scan.states());
        sequence = node.input(scan.states());
        int rank = Shapes.rank(sequence);
        long given = scan.inputAxes().isEmpty() ? 0 : scan.inputAxes().getFirst();
        axis = (int) (given < 0 ? given + rank : given);
        reversed = !scan.inputDirections().isEmpty();
        return null;
    }

    /** Sets the sequence of a Loop, or tells why there is none. */
    private String loop() {
        Value round = body.inputs().getFirst();
        Value condition = node.input(1);
        Value go = body.outputs().getFirst();
        boolean endless = condition == null || isTrue(condition);
        if (!endless || go != body.inputs().get(1) && !isTrue(go)) {
            return "it ends by a condition";
        }
        Node user = onlyUser(round);
        Node first = user != null && user.op() instanceof Sub && user.input(1) == round ? user : null;
        Node gather = first == null ? user : onlyUser(first.output());
        if (body.nodes().stream().noneMatch(n -> n.inputs().contains(round))) {
            return "no sequence is read";
        }
        int captured = gather == null ? -1 : captured(gather.input(0));
        if (captured == -1 || !(gather.op() instanceof Gather its)) {
            return "the number of the iteration is not only used to read one sequence";
        }
        x = gather.output();
        sequence = node.input(captured);
        Shape shape = Shapes.of(sequence);
        axis = its.axis() < 0 ? its.axis() + Shapes.rank(sequence) : its.axis();
        backwards = first != null;
        Value most = node.input(0);
        List<Dim> rounds = most == null ? null : most.symbolic();
        boolean all = rounds != null && rounds.size() == 1 && shape.hasRank();
        if (!all || !rounds.getFirst().equals(shape.dim(axis))) {
            return "the number of iterations is not known to be the length of the sequence";
        }
        Dim last = first == null ? null : number(first.input(0), 0);
        return first == null || rounds.getFirst().minus(Dim.of(1)).equals(last)
                ? null
                : "its first iteration is not known to read the end of the sequence";
    }

    /** The only node that has a value as an operand, if it has it once; else null. */
    private Node onlyUser(Value v) {
        Node user = null;
        for (Node n : body.nodes()) {
            for (Value operand : n.inputs()) {
                if (operand == v) {
                    if (user != null) {
                        return null;
                    }
                    user = n;
                }
            }
        }
        return user;
    }

    /** The index of the operand that a body input captures, or -1. */
    private int captured(Value v) {
        int input = body.inputs().indexOf(v);
        return input < initial + states.size() ? -1 : input;
    }

    /** A number in the body that is the same in each iteration, or null. */
    private Dim number(Value v, int depth) {
        if (v.isConstant()) {
            return v.constant().size() == 1 ? Dim.of(v.constant().getLong(0)) : null;
        }
        int input = captured(v);
        if (input != -1) {
            List<Dim> numbers = node.input(input).symbolic();
            return numbers != null && numbers.size() == 1 ? numbers.getFirst() : null;
        }
        Node difference = Producers.of(v, Sub.class);
        if (difference == null || depth >= MAX_DEPTH) {
            return null;
        }
        Dim from = number(difference.input(0), depth + 1);
        Dim taken = number(difference.input(1), depth + 1);
        return from == null || taken == null ? null : from.minus(taken);
    }

    private static boolean isTrue(Value v) {
        return v.isConstant() && v.constant().size() == 1 && v.constant().getBoolean(0);
    }

    /** Why shapes or types are not those of a recurrent operator, or null. */
    private String shapes() {
        Shape s = Shapes.of(sequence);
        if (!s.hasRank() || s.rank() != 3 || axis > 1 || s.dim(2).orElse(0) == 0) {
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

    /** Why the outputs are not those of a recurrent operator, or null. */
    private String outputs() {
        Value h = next.get(cell.hidden());
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i) != h) {
                return "it has outputs other than its hidden state";
            }
            if (node.op() instanceof Scan scan) {
                List<Long> directions = scan.outputDirections();
                boolean fromEnd = !directions.isEmpty() && directions.get(i) != 0;
                if (fromEnd != reversed) {
                    return "an output is stacked in another direction";
                }
                long its = outputAxis(i);
                if (its == 2 || its == -1) {
                    return "an output is stacked along axis " + its;
                }
            }
        }
        return null;
    }

    private long outputAxis(int i) {
        return node.op() instanceof Scan s && !s.outputAxes().isEmpty()
                ? s.outputAxes().get(i)
                : 0;
    }

    /** Why the loop is not a recurrent operator, or null. */
    String reason() {
        return reason;
    }

    /** The values in the place of the outputs of the loop. */
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
        List<Value> made = to.add(cell.op(reversed != backwards), operands, 1 + states.size());
        Value[] results = new Value[states.size() + given.size()];
        results[cell.hidden()] = to.add(new Squeeze(), made.get(1), first);
        if (states.size() == 2) {
            results[1 - cell.hidden()] = to.add(new Squeeze(), made.get(2), first);
        }
        Value second = to.constant(Tensor.of(new long[] {1}));
        for (int i = 0; i < given.size(); i++) {
            Value all = to.add(new Squeeze(), made.getFirst(), second);
            all = backwards ? Reversals.reversed(all, 0, to) : all;
            long its = outputAxis(i);
            results[states.size() + i] = its == 0 || its == -3 ? all : to.add(Shapes.transpose(1, 0, 2), all);
        }
        return Arrays.asList(results);
    }
}
