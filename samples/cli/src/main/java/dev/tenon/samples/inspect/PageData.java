package dev.tenon.samples.inspect;

import dev.tenon.Inspection;
import dev.tenon.Profile;
import dev.tenon.Session;
import dev.tenon.StepInfo;
import dev.tenon.Tenon;
import dev.tenon.ValueInfo;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.cost.Cost;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JsonGenerator;

/**
 * The data of the page: the graph of a session before and after optimisation, its steps, and the rules that were
 * applied.
 */
final class PageData {
    private static final int MAX_NODES_NAMED = 6;
    private static final int MAX_ATTRIBUTES_LENGTH = 300;
    private static final int MAX_GRAPHS = 60;
    private static final double MILLION = 1e6;

    /** A graph on the page, with the types of its values and the steps of its nodes. */
    private record DrawnGraph(String title, Graph graph, Map<String, ValueType> types, Map<Node, Step> steps) {}

    /** The step of the plan that runs a node. The nanoseconds are null without a profile. */
    private record Step(int index, StepInfo info, Long nanos) {}

    private final String name;
    private final Session session;
    private final Inspection inspection;
    private final Map<String, Tensor> inputs;
    private final Profile profile;
    private JsonGenerator json;

    /**
     * Makes the data.
     *
     * @param name the name of the model
     * @param session a session of the model
     * @param inputs the inputs that the steps are planned for
     * @param profile the times of the steps, or null
     */
    PageData(String name, Session session, Map<String, Tensor> inputs, Profile profile) {
        this.name = name;
        this.session = session;
        this.inspection = session.inspect();
        this.inputs = inputs;
        this.profile = profile;
    }

    /** Writes the data as one JSON object. */
    void write(JsonGenerator generator) {
        json = generator;
        List<DrawnGraph> run = asRun();
        List<DrawnGraph> read = asRead();
        json.writeStartObject();
        json.writeStringProperty("model", name);
        json.writeStringProperty("about", about());
        json.writeBooleanProperty("profiled", profile != null);
        figures(run.getFirst(), read.getFirst());
        json.writeArrayPropertyStart("stages");
        stage("As run", run);
        stage("As read", read);
        json.writeEndArray();
        RewriteTrace rewrites = inspection.rewrites();
        RewriteTrace savings = inspection.savings(inputs);
        fired("rules", rewrites);
        fired("savings", savings);
        misses(rewrites, savings);
        io();
        json.writeEndObject();
    }

    private String about() {
        StringBuilder text = new StringBuilder("inputs ");
        inputs.forEach(
                (input, t) -> text.append(input).append(' ').append(t.type()).append("  "));
        text.append("· threads ").append(session.options().threads());
        Tenon.describe()
                .lines()
                .filter(l -> l.matches("\\w+ +on .*"))
                .findFirst()
                .ifPresent(l -> text.append(" · ").append(l.replaceAll(" +", " ")));
        return text.toString();
    }

    private List<DrawnGraph> asRun() {
        List<DrawnGraph> drawn = new ArrayList<>();
        if (profile == null) {
            drawn.add(new DrawnGraph(
                    "model", inspection.graph(), inspection.types(inputs), steps(inspection.steps(inputs))));
            bodies(inspection.graph(), drawn);
            return drawn;
        }
        for (Profile.GraphTimes times : profile.graphs()) {
            boolean main = times.owner().isEmpty();
            Map<Node, Step> steps = new IdentityHashMap<>();
            double perCall = (double) times.runs() / profile.calls();
            for (int i = 0; i < times.steps().size(); i++) {
                Profile.StepTime s = times.steps().get(i);
                steps.put(s.step().node(), new Step(i, s.step(), Math.round(s.medianNanos() * perCall)));
            }
            String title = times.owner()
                    .map(owner -> owner.op().title() + " · " + times.graph().name())
                    .orElse("model");
            drawn.add(new DrawnGraph(
                    title, times.graph(), main ? inspection.types(inputs) : types(steps.values()), steps));
        }
        return drawn;
    }

    /** The types of the inputs and outputs of steps. */
    private static Map<String, ValueType> types(Collection<Step> steps) {
        Map<String, ValueType> types = new HashMap<>();
        for (Step step : steps) {
            put(step.info().node().inputs(), step.info().inputs(), types);
            put(step.info().node().outputs(), step.info().outputs(), types);
        }
        return types;
    }

    private static void put(List<Value> values, List<ValueType> their, Map<String, ValueType> types) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) != null) {
                types.put(values.get(i).name(), their.get(i));
            }
        }
    }

    private List<DrawnGraph> asRead() {
        Inspection plain =
                session.model().session(session.options().optimize(false)).inspect();
        List<DrawnGraph> drawn = new ArrayList<>();
        drawn.add(new DrawnGraph("model", plain.graph(), plain.types(inputs), Map.of()));
        bodies(plain.graph(), drawn);
        return drawn;
    }

    private static void bodies(Graph graph, List<DrawnGraph> drawn) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    if (drawn.size() < MAX_GRAPHS) {
                        drawn.add(new DrawnGraph(node.op().title() + " · " + body.name(), body, Map.of(), Map.of()));
                        bodies(body, drawn);
                    }
                }
            }
        }
    }

    private static Map<Node, Step> steps(List<StepInfo> list) {
        Map<Node, Step> steps = new IdentityHashMap<>();
        for (int i = 0; i < list.size(); i++) {
            steps.put(list.get(i).node(), new Step(i, list.get(i), null));
        }
        return steps;
    }

    private void figures(DrawnGraph run, DrawnGraph read) {
        long parameters = read.graph().constants().stream()
                .mapToLong(v -> v.constant().size())
                .sum();
        Cost asRead = cost(read);
        Cost asRun = cost(run);
        long flops = profile == null ? asRun.flops() : measuredFlops();
        json.writeArrayPropertyStart("figures");
        figure(read.graph().nodes().size() + " → " + run.graph().nodes().size(), "nodes as read → as run");
        figure(Integer.toString(run.steps().size()), "steps");
        figure(quantity(parameters), "parameters");
        figure(quantity(flops) + "FLOP", "arithmetic of a call");
        figure(quantity(asRead.bytes()) + "B → " + quantity(asRun.bytes()) + "B", "memory moved as read → as run");
        if (profile != null) {
            figure(String.format(Locale.ROOT, "%.3f ms", profile.medianNanos() / MILLION), "median call");
            figure(
                    String.format(Locale.ROOT, "%.1f GFLOP/s", (double) flops / profile.medianNanos()),
                    "speed of a call");
        }
        json.writeEndArray();
    }

    /** The floating-point operations of a call. A body of a control-flow operator counts as often as it ran. */
    private long measuredFlops() {
        long flops = 0;
        for (Profile.GraphTimes g : profile.graphs()) {
            flops += g.steps().stream()
                    .flatMap(s -> s.step().cost().stream())
                    .mapToLong(cost -> cost.flops() * g.runs() / profile.calls())
                    .sum();
        }
        return flops;
    }

    private static Cost cost(DrawnGraph drawn) {
        Cost sum = Cost.NONE;
        for (Node node : drawn.graph().nodes()) {
            Cost cost = cost(drawn, node);
            sum = cost == null ? sum : sum.plus(cost);
        }
        return sum;
    }

    private static Cost cost(DrawnGraph drawn, Node node) {
        Step step = drawn.steps().get(node);
        if (step != null) {
            return step.info().cost().orElse(null);
        }
        return node.op() instanceof GraphOp
                ? null
                : Cost.of(node.op(), types(drawn, node.inputs()), types(drawn, node.outputs()))
                        .orElse(null);
    }

    private static List<ValueType> types(DrawnGraph drawn, List<Value> values) {
        List<ValueType> types = new ArrayList<>();
        values.forEach(v -> types.add(v == null ? null : type(drawn, v)));
        return types;
    }

    private static ValueType type(DrawnGraph drawn, Value v) {
        return drawn.types().getOrDefault(v.name(), v.type());
    }

    private void figure(String value, String label) {
        json.writeStartObject();
        json.writeStringProperty("value", value);
        json.writeStringProperty("label", label);
        json.writeEndObject();
    }

    private static String quantity(double count) {
        String[] prefixes = {"", "k", "M", "G", "T", "P", "E"};
        int prefix = 0;
        double scaled = count;
        while (scaled >= 999.5 && prefix < prefixes.length - 1) {
            scaled /= 1000;
            prefix++;
        }
        String digits = prefix == 0 || scaled >= 99.95 ? "%.0f %s" : scaled >= 9.995 ? "%.1f %s" : "%.2f %s";
        return String.format(Locale.ROOT, digits, scaled, prefixes[prefix]);
    }

    private void stage(String title, List<DrawnGraph> graphs) {
        json.writeStartObject();
        json.writeStringProperty("title", title);
        json.writeArrayPropertyStart("graphs");
        graphs.forEach(this::graph);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void graph(DrawnGraph drawn) {
        json.writeStartObject();
        json.writeStringProperty("title", drawn.title());
        json.writeArrayPropertyStart("inputs");
        drawn.graph().inputs().forEach(v -> value(drawn, v, true));
        json.writeEndArray();
        json.writeArrayPropertyStart("outputs");
        for (int i = 0; i < drawn.graph().outputs().size(); i++) {
            Value v = drawn.graph().outputs().get(i);
            json.writeStartObject();
            json.writeStringProperty("v", v.name());
            json.writeStringProperty("n", drawn.graph().outputNames().get(i));
            json.writeStringProperty("t", type(drawn, v).toString());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("nodes");
        drawn.graph().nodes().forEach(node -> node(drawn, node));
        json.writeEndArray();
        json.writeEndObject();
    }

    private void value(DrawnGraph drawn, Value v, boolean typed) {
        if (v == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeStringProperty("v", v.name());
        if (typed) {
            json.writeStringProperty("t", type(drawn, v).toString());
        }
        if (v.isConstant()) {
            json.writeBooleanProperty("c", true);
        }
        json.writeEndObject();
    }

    private void node(DrawnGraph drawn, Node node) {
        Step step = drawn.steps().get(node);
        json.writeStartObject();
        json.writeStringProperty("op", node.op().title());
        json.writeStringProperty("name", node.name());
        json.writeStringProperty("kind", OperatorKind.of(node.op()));
        json.writeNumberProperty("step", step == null ? -1 : step.index());
        if (step != null) {
            json.writeStringProperty("kernel", step.info().kernel());
            json.writeArrayPropertyStart("refused");
            step.info().refusals().forEach(json::writeString);
            json.writeEndArray();
            if (step.nanos() != null) {
                json.writeNumberProperty("nanos", step.nanos());
            }
        }
        Cost cost = cost(drawn, node);
        if (cost != null) {
            json.writeNumberProperty("flops", cost.flops());
            json.writeNumberProperty("bytes", cost.bytes());
        }
        Map<String, Object> attributes =
                node.op() instanceof GraphOp ? Map.of() : node.op().attributes().asMap();
        if (!attributes.isEmpty()) {
            String text = attributes.toString();
            json.writeStringProperty("attrs", text.substring(0, Math.min(text.length(), MAX_ATTRIBUTES_LENGTH)));
        }
        json.writeArrayPropertyStart("in");
        node.inputs().forEach(v -> value(drawn, v, true));
        json.writeEndArray();
        json.writeArrayPropertyStart("out");
        node.outputs().stream().filter(Objects::nonNull).forEach(v -> value(drawn, v, true));
        json.writeEndArray();
        json.writeEndObject();
    }

    private void fired(String table, RewriteTrace trace) {
        Map<String, List<String>> fired = new LinkedHashMap<>();
        trace.fired()
                .forEach(f ->
                        fired.computeIfAbsent(f.rule(), r -> new ArrayList<>()).add(f.node()));
        json.writeArrayPropertyStart(table);
        fired.forEach((rule, nodes) -> entry(rule, null, trace.count(rule), nodes));
        json.writeEndArray();
    }

    private void misses(RewriteTrace... traces) {
        Map<String, List<RewriteTrace.NearMiss>> missed = new HashMap<>();
        for (RewriteTrace trace : traces) {
            trace.nearMisses()
                    .forEach(m -> missed.computeIfAbsent(m.rule() + "\n" + m.reason(), k -> new ArrayList<>())
                            .add(m));
        }
        json.writeArrayPropertyStart("misses");
        missed.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e -> {
            RewriteTrace.NearMiss first = e.getValue().getFirst();
            List<String> nodes =
                    e.getValue().stream().map(RewriteTrace.NearMiss::node).toList();
            entry(first.rule(), first.reason(), nodes.size(), nodes);
        });
        json.writeEndArray();
    }

    private void entry(String rule, String reason, int count, List<String> nodes) {
        json.writeStartObject();
        json.writeStringProperty("rule", rule);
        if (reason != null) {
            json.writeStringProperty("reason", reason);
        }
        json.writeNumberProperty("count", count);
        json.writeArrayPropertyStart("nodes");
        nodes.subList(0, Math.min(MAX_NODES_NAMED, nodes.size())).forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void io() {
        json.writeArrayPropertyStart("io");
        session.model()
                .inputs()
                .forEach(i -> info("input", i, inputs.get(i.name()).type()));
        session.model().outputs().forEach(o -> info("output", o, null));
        json.writeEndArray();
    }

    private void info(String what, ValueInfo info, ValueType here) {
        json.writeStartObject();
        json.writeStringProperty("what", what);
        json.writeStringProperty("name", info.name());
        json.writeStringProperty("type", info.type().toString());
        json.writeStringProperty("here", here == null ? "" : here.toString());
        json.writeEndObject();
    }
}
