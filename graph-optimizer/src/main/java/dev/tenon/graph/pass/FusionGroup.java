package dev.tenon.graph.pass;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.fused.Fused;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that are to be fused into one, and the fused operator that takes their place. */
final class FusionGroup {
    private static final int MAX_PARTS = 32;
    private static final int MAX_OPERANDS = 64;

    private final Node root;

    /** The members after the anchor, or all members if there is no anchor, in order. */
    private final Deque<Node> members = new ArrayDeque<>();

    /** The members before the anchor, in order. */
    private final Deque<Node> prologue = new ArrayDeque<>();

    private int operands;
    private Node anchor;

    /** Whether the anchor works on lines, so that members may be before it. */
    private boolean ofLines;

    FusionGroup(Node root) {
        this.root = root;
    }

    /** Whether there is room for an element-wise operator. */
    boolean takes(Node node) {
        return members.size() + prologue.size() < MAX_PARTS
                && operands + node.inputs().size() <= MAX_OPERANDS;
    }

    /** The name of the anchor, or of the last member that has a name. */
    String name() {
        String name = anchor == null ? "" : anchor.name();
        for (Iterator<Node> i = members.descendingIterator(); i.hasNext() && name.isEmpty(); ) {
            name = i.next().name();
        }
        return name;
    }

    /** Whether the group is more than one operator by itself. */
    boolean isFused() {
        return anchor != null && !members.isEmpty() || !prologue.isEmpty() || members.size() > 1;
    }

    /** The operator whose result is that of the group. */
    Node root() {
        return root;
    }

    /** The operator that the members work on or before; null if there is none. */
    Node anchor() {
        return anchor;
    }

    /** Whether there is room for an anchor. */
    boolean takesAnchor(Node node) {
        return operands + node.inputs().size() <= MAX_OPERANDS;
    }

    /** Makes an operator the anchor of this group, which has none. */
    void setAnchor(Node node, boolean isOfLines) {
        anchor = node;
        ofLines = isOfLines;
        operands += node.inputs().size();
    }

    /** Adds an element-wise operator before those that were added earlier: before the anchor, or after it. */
    void add(Node node, boolean isBefore) {
        (isBefore ? prologue : members).addFirst(node);
        operands += node.inputs().size();
    }

    /** Adds the fused operator in the place of the last member. */
    Node emit(GraphCopy copy) {
        List<Value> inputs = new ArrayList<>();
        Map<Value, Integer> numbers = new IdentityHashMap<>();
        if (anchor != null && !ofLines) {
            inputs.addAll(anchor.inputs());
        } else if (ofLines && prologue.isEmpty()) {
            number(anchor.input(0), inputs, numbers);
        }
        List<Node> body = new ArrayList<>(members);
        if (anchor != null && FusionCandidates.givesIntegers(anchor.op())) {
            // The Cast of sums of integers to floats comes first.
            body.sort(Comparator.comparing(part -> part.input(0) != anchor.output()));
        }
        List<Node> parts = new ArrayList<>(prologue);
        if (anchor != null) {
            parts.add(anchor);
        }
        parts.addAll(body);
        Map<Value, Integer> made = new IdentityHashMap<>();
        for (Node part : parts) {
            made.put(part.output(), made.size());
        }
        for (Node part : parts) {
            for (Value v : part == anchor && !ofLines ? List.<Value>of() : part.inputs()) {
                if (v != null && !made.containsKey(v)) {
                    number(v, inputs, numbers);
                }
            }
        }
        made.forEach((v, index) -> numbers.put(v, inputs.size() + index));
        Fused.Part first = anchor == null ? null : ofLines ? part(anchor, numbers) : anchor(anchor);
        List<Value> copies = new ArrayList<>();
        for (Value v : inputs) {
            copies.add(copy.of(v));
        }
        Value output = root.output();
        Fused op = new Fused(
                inputs.size(),
                prologue.stream().map(n -> part(n, numbers)).toList(),
                first,
                body.stream().map(n -> part(n, numbers)).toList());
        Value fused =
                copy.builder().add(op, name(), copies, List.of(output.name())).getFirst();
        copy.replace(output, fused);
        return fused.producer();
    }

    /** Gives a value the number of an input of the fused operator. */
    private static void number(Value v, List<Value> inputs, Map<Value, Integer> numbers) {
        if (!numbers.containsKey(v)) {
            numbers.put(v, inputs.size());
            inputs.add(v);
        }
    }

    private static Fused.Part anchor(Node node) {
        return new Fused.Part(
                node.op(), IntStream.range(0, node.inputs().size()).boxed().toList());
    }

    private static Fused.Part part(Node node, Map<Value, Integer> numbers) {
        List<Integer> operands = new ArrayList<>();
        for (Value v : node.inputs()) {
            operands.add(v == null ? Fused.ABSENT : numbers.get(v));
        }
        return new Fused.Part(node.op(), operands);
    }
}
