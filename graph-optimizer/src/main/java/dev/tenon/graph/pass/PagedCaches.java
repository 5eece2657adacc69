package dev.tenon.graph.pass;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.GraphUses;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Elementwise;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A decoder whose keys and values stand in pages, made of one with pairs of past and present. It is no {@link Pass}: the graph has
 * other inputs and outputs.
 *
 * <p>The decoder has the signature that Optimum exports: {@code input_ids}, {@code attention_mask}, {@code position_ids} and
 * {@code past_key_values.N.key} and {@code .value} to {@code logits} and {@code present.N.key} and {@code .value}. The result has
 * inputs {@code input_ids} [1, tokens], {@code position_ids} [1, tokens], which are the positions in the cache, too,
 * {@code sequences} [tokens], {@code page_table} [sequences, pages of a sequence] and {@code rows} [rows], and for each layer
 * {@code key_pages.N} and {@code value_pages.N}, which are states: {@code present_key_pages.N} and {@code present_value_pages.N}
 * are their new values. {@code logits} is [1, rows, tokens of the vocabulary]: those of the tokens at the indices in {@code rows}.
 * Steps after the last attention compute these rows alone.
 *
 * <p>Each Attention with a past becomes a {@link PagedAttention}. Its mask may only hide keys that {@code attention_mask} hides,
 * and keys before a window: in pages there are neither padding nor hidden keys. All other steps keep tokens apart: a row depends on
 * its own token alone, as a step has tokens of several sequences.
 *
 * @param graph the new graph; null if there is a reason
 * @param layers how many pairs of states it has
 * @param reason why the decoder can't work on pages; null if it can
 */
public record PagedCaches(Graph graph, int layers, String reason) {
    private static final String IDS = "input_ids";
    private static final String MASK = "attention_mask";
    private static final String POSITIONS = "position_ids";
    private static final String PAST = "past_key_values.";
    private static final String LOGITS = "logits";
    private static final String KEY = ".key";
    private static final int PAST_KEY = 4;
    private static final int PAST_VALUE = 5;
    private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);

    /**
     * The sizes of the pages.
     *
     * @param pages the number of pages
     * @param sequences rows of the page table
     * @param columns pages of a sequence
     * @param numbers the element type of pages: float32 or float16
     */
    public record Sizes(int pages, int sequences, int columns, DType numbers) {}

    /**
     * Makes the new graph.
     *
     * @param graph a decoder
     * @param sizes the sizes of the pages
     * @return the graph, or the reason why there is none
     */
    public static PagedCaches of(Graph graph, Sizes sizes) {
        Search search = new Search(graph);
        String reason = search.reason();
        if (reason != null) {
            return new PagedCaches(null, 0, reason);
        }
        return new PagedCaches(new Rewrite(search, sizes).graph(), search.layers.size(), null);
    }

    /**
     * An attention with a past.
     *
     * @param number the number of its layer, as its pasts are named
     * @param window how many positions a token sees; 0 for all
     */
    private record Layer(String number, long window) {}

    /** Finds the attentions and what the logits depend on. */
    private static final class Search {
        private final Graph graph;
        private final GraphUses uses;
        private final Set<Node> live = Collections.newSetFromMap(new IdentityHashMap<>());
        private final Map<Node, Layer> layers = new IdentityHashMap<>();
        private Value ids;
        private Value logits;

        private Search(Graph graph) {
            this.graph = graph;
            this.uses = graph.uses();
        }

        private String reason() {
            for (Value v : graph.inputs()) {
                ids = v.name().equals(IDS) ? v : ids;
                if (!List.of(IDS, MASK, POSITIONS).contains(v.name())
                        && !v.name().startsWith(PAST)) {
                    return "it has an input '" + v.name() + "'";
                }
            }
            int at = graph.outputNames().indexOf(LOGITS);
            Shape tokens = shape(ids);
            if (at < 0
                    || !tokens.hasRank()
                    || tokens.rank() != 2
                    || tokens.dim(1).isKnown()) {
                return "it has no input '" + IDS + "' of two dimensions, the second of any size, or no output '"
                        + LOGITS + "'";
            }
            logits = graph.outputs().get(at);
            String reason = spread();
            long pasts = graph.inputs().stream()
                    .filter(v -> v.name().startsWith(PAST))
                    .count();
            if (reason != null) {
                return reason;
            }
            if (layers.isEmpty() || pasts != 2L * layers.size()) {
                return layers.size() + " attentions have a past, and there are " + pasts
                        + " inputs for keys and values";
            }
            return hasRows(logits)
                    ? mixed()
                    : "its output '" + LOGITS + "' has not three dimensions, the second that of '" + IDS + "'";
        }

        /** Why tokens of a step, which may be of several sequences, reach each other; null if they only do in attentions with a past. */
        private String mixed() {
            List<Value> tokens = graph.inputs().stream()
                    .filter(v -> v.name().equals(IDS) || v.name().equals(POSITIONS))
                    .toList();
            TokenRows apart = new TokenRows(tokens);
            Node mixing =
                    apart.mixing(graph.nodes().stream().filter(live::contains).toList(), layers.keySet());
            if (mixing != null) {
                return mixing + ": it is not known to keep tokens apart, and steps have those of several sequences";
            }
            return apart.hasRows(logits) ? null : "its output '" + LOGITS + "' has not a row of each token";
        }

        /** Marks what the logits depend on. Attentions depend on queries, keys and values alone. */
        private String spread() {
            List<Value> open = new ArrayList<>(List.of(logits));
            Set<String> numbers = new HashSet<>();
            while (!open.isEmpty()) {
                Value v = open.removeLast();
                Node node = v.producer();
                boolean past = v.name().equals(MASK) || v.name().startsWith(PAST);
                if (node == null && !v.isConstant() && past) {
                    return "'" + v.name() + "' is used for more than keys, values and masks of attentions";
                }
                if (node == null || !live.add(node)) {
                    continue;
                }
                int operands = node.inputs().size();
                if (node.op() instanceof Attention op && node.input(PAST_KEY) != null) {
                    String reason = layer(op, node);
                    if (reason != null) {
                        return node + ": " + reason;
                    }
                    if (!numbers.add(layers.get(node).number())) {
                        return node + ": another attention has the same past";
                    }
                    operands = 3;
                }
                node.inputs().subList(0, operands).stream()
                        .filter(i -> i != null)
                        .forEach(open::add);
            }
            return null;
        }

        /** Why an attention can't work on pages; null if it can, and is one of the layers now. */
        private String layer(Attention op, Node node) {
            Value key = node.input(PAST_KEY);
            Value value = node.input(PAST_VALUE);
            String name = key.name();
            int end = name.length() - KEY.length();
            boolean isPast = end >= PAST.length() && name.startsWith(PAST) && name.endsWith(KEY);
            if (!isPast
                    || !PagedMask.isInput(key, name)
                    || !PagedMask.isInput(value, name.substring(0, end) + ".value")) {
                return "its past is not " + PAST + "N.key and .value";
            }
            Shape keys = shape(key);
            if (!keys.hasRank() || !keys.dim(1).isKnown() || !keys.dim(3).isKnown() || !keys.equals(shape(value))) {
                return "keys of shape " + keys + " and values of shape " + shape(value);
            }
            Shape queries = shape(node.input(0));
            if (!queries.hasRank() || queries.rank() != 3 && !queries.dim(1).isKnown()) {
                return "queries of shape " + queries;
            }
            boolean shown = node.outputs().stream()
                    .skip(1)
                    .anyMatch(v -> v != null && !uses.users(v).isEmpty());
            boolean floats = isFloat32(node.input(0))
                    && isFloat32(value)
                    && (op.precision() == null || op.precision() == DType.FLOAT32);
            if (!op.causal() || shown || !floats) {
                return "it is not causal, shows its scores or the present, or is not float32";
            }
            PagedMask mask = PagedMask.of(node.input(3));
            if (mask.reason() != null) {
                return mask.reason();
            }
            layers.put(
                    node,
                    new Layer(
                            name.substring(PAST.length(), end),
                            PagedMask.narrower(op.leftWindow() + 1, mask.window())));
            return null;
        }

        private static boolean isFloat32(Value v) {
            return v.tensorType().dtype() == DType.FLOAT32;
        }

        /** The nodes after the last attention, which are computed for some rows alone. */
        private Set<Node> tail() {
            Set<Node> tail = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : graph.nodes().reversed()) {
                // No live node needs the logits. Nodes that are not live are not copied.
                if (node.outputs().size() == 1
                        && isRowWise(node)
                        && uses.users(node.output()).stream()
                                .filter(live::contains)
                                .allMatch(tail::contains)) {
                    tail.add(node);
                }
            }
            return tail;
        }

        /** Whether a value has a row for each token: [batch, tokens, ...]. */
        private boolean hasRows(Value v) {
            Shape shape = shape(v);
            return shape.hasRank()
                    && shape.rank() == 3
                    && shape.dim(1).equals(shape(ids).dim(1));
        }

        /** Whether a value is the same for all tokens. */
        private static boolean isShared(Value v, int rank) {
            return v == null || shape(v).hasRank() && shape(v).rank() <= rank;
        }

        /** Whether each row of the result, if it has rows, depends on the same row of the operands alone. */
        private boolean isRowWise(Node node) {
            if (!hasRows(node.output())) {
                return false;
            }
            Stream<Value> others = node.inputs().stream().skip(1);
            return switch (node.op()) {
                case MatMul m -> isShared(node.input(1), 2);
                case TransposedMatMul m -> isShared(node.input(1), 2);
                case BlockMatMul m -> true;
                case RMSNormalization r -> isLast(r.axis()) && others.allMatch(v -> isShared(v, 1));
                case LayerNormalization l -> isLast(l.axis()) && others.allMatch(v -> isShared(v, 1));
                case Elementwise e -> node.inputs().stream().allMatch(v -> hasRows(v) || isShared(v, 1));
                default -> false;
            };
        }

        private static boolean isLast(int axis) {
            return axis == -1 || axis == 2;
        }
    }

    private static Shape shape(Value v) {
        return v == null || v.tensorType() == null
                ? Shape.unknownRank()
                : v.tensorType().shape();
    }

    /** Builds the new graph. */
    private static final class Rewrite {
        private final Search search;
        private final Graph graph;
        private final GraphBuilder g;
        private final Map<Value, Value> copies = new IdentityHashMap<>();
        private final Map<Value, Value> gathered = new IdentityHashMap<>();
        private final Map<String, Value[]> states = new HashMap<>();
        private final Set<Node> tail;
        private final Dim tokens = Dim.symbol("tokens");
        private final Value sequences;
        private final Value table;
        private final Value rows;
        private final Value positions;

        private Rewrite(Search search, Sizes sizes) {
            this.search = search;
            this.graph = search.graph;
            this.g = new GraphBuilder(graph.name());
            this.tail = search.tail();
            Dim one = Dim.of(1);
            DType idType = search.ids.tensorType().dtype();
            copies.put(search.ids, g.input(IDS, new TensorType(idType, Shape.of(one, tokens))));
            Value position = g.input(POSITIONS, new TensorType(DType.INT64, Shape.of(one, tokens)));
            graph.inputs().stream().filter(v -> v.name().equals(POSITIONS)).forEach(v -> copies.put(v, position));
            sequences = g.input("sequences", integers(tokens));
            table = g.input("page_table", integers(Dim.of(sizes.sequences()), Dim.of(sizes.columns())));
            rows = g.input("rows", integers(Dim.symbol("rows")));
            for (Node node : layers()) {
                String number = search.layers.get(node).number();
                Shape past = shape(node.input(PAST_KEY));
                TensorType pages = new TensorType(
                        sizes.numbers(),
                        Shape.of(Dim.of(sizes.pages()), past.dim(1), Dim.of(PagedAttention.PAGE_TOKENS), past.dim(3)));
                states.put(
                        number,
                        new Value[] {g.input("key_pages." + number, pages), g.input("value_pages." + number, pages)});
            }
            positions = g.add(new Squeeze(), position, g.constant(Tensor.of(new long[] {0})));
        }

        private List<Node> layers() {
            return graph.nodes().stream().filter(search.layers::containsKey).toList();
        }

        private static TensorType integers(Dim... dims) {
            return new TensorType(DType.INT32, Shape.of(dims));
        }

        private Graph graph() {
            for (Node node : graph.nodes()) {
                if (search.layers.containsKey(node)) {
                    attention(node, search.layers.get(node));
                } else if (search.live.contains(node)) {
                    boolean some = tail.contains(node);
                    List<Value> operands = new ArrayList<>();
                    for (Value v : node.inputs()) {
                        operands.add(some && search.hasRows(v) ? gathered(v) : copy(v));
                    }
                    List<Value> results = add(node.op(), node.name(), operands, node.outputs());
                    for (int i = 0; i < results.size(); i++) {
                        (some ? gathered : copies).put(node.outputs().get(i), results.get(i));
                    }
                }
            }
            g.output(LOGITS, gathered(search.logits));
            for (Node node : layers()) {
                String number = search.layers.get(node).number();
                g.output("present_key_pages." + number, states.get(number)[0]);
                g.output("present_value_pages." + number, states.get(number)[1]);
            }
            return g.build();
        }

        private List<Value> add(Op op, String name, List<Value> operands, List<Value> like) {
            List<String> names = new ArrayList<>();
            for (Value v : like) {
                names.add(v == null ? null : g.unique(v.name()));
            }
            return g.add(op, name, operands, names);
        }

        private Value copy(Value v) {
            return v == null ? null : copies.computeIfAbsent(v, c -> g.constant(g.unique(c.name()), c.constant()));
        }

        /** The rows of a value that are asked for. */
        private Value gathered(Value v) {
            Value some = gathered.get(v);
            if (some == null) {
                some = g.add(new Gather(1), copy(v), rows);
                gathered.put(v, some);
            }
            return some;
        }

        private void attention(Node node, Layer layer) {
            Attention op = (Attention) node.op();
            Shape past = shape(node.input(PAST_KEY));
            long size = past.dim(3).value();
            Value[] pages = states.get(layer.number());
            boolean packed = shape(node.input(0)).rank() == 3;
            long heads = packed ? op.queryHeads() : shape(node.input(0)).dim(1).value();
            float scale = op.scale() == null ? (float) (1 / Math.sqrt(size)) : op.scale();
            Op paged = new PagedAttention(heads, scale, layer.window(), op.softcap());
            List<Value> operands = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Value v = copy(node.input(i));
                operands.add(packed ? v : packed(v, i == 0 ? heads : past.dim(1).value(), size));
            }
            operands.addAll(Arrays.asList(pages[0], pages[1], table, sequences, positions));
            String name = g.unique(node.output().name());
            List<Value> results = g.add(
                    paged, node.name(), operands, List.of(name, g.unique(pages[0].name()), g.unique(pages[1].name())));
            copies.put(node.output(), packed ? results.getFirst() : apart(results.getFirst(), heads, size));
            pages[0] = results.get(1);
            pages[1] = results.get(2);
        }

        /** The rows of tokens of a value [1, heads, tokens, size]. */
        private Value packed(Value v, long heads, long size) {
            Value turned = g.add(new Transpose(HEADS_FIRST), v);
            return g.add(new Reshape(false), turned, g.constant(Tensor.of(new long[] {0, 0, heads * size})));
        }

        /** The inverse of {@link #packed}. */
        private Value apart(Value v, long heads, long size) {
            Value split = g.add(new Reshape(false), v, g.constant(Tensor.of(new long[] {0, 0, heads, size})));
            return g.add(new Transpose(HEADS_FIRST), split);
        }
    }
}
