package dev.tenon.serving.versions;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.event.Listeners;
import dev.tenon.event.Recorder;
import dev.tenon.exec.StackRoom;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.BatchStatistics;
import dev.tenon.serving.Call;
import dev.tenon.serving.CancelledPredictionException;
import dev.tenon.serving.NotBatchableException;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.TrialFailedException;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.versions.Deployment.Version;
import dev.tenon.tensor.Datum;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Models by name, each in several versions, which change while calls go on. Safe for any number of threads.
 *
 * <p>A version is loaded, tried by a {@link Trial}, and then ready. {@link #promote} makes it the one that serves, at
 * once for all calls that follow; calls that run keep their version. {@link #rollback} goes back. A load or trial that
 * fails leaves everything as it is. The version that was replaced is kept for a rollback, the one before it is dropped:
 * the garbage collector frees its weights when its last call ends.
 *
 * <pre>{@code
 * Models models = Models.create();
 * models.load("fraud", "7", path, Trial.of(samples, expected, 1e-4));
 * models.route("fraud", Route.weighted(Map.of("6", 95, "7", 5)).byKey().abortIf(Route.errorRate(0.01)));
 * models.promote("fraud", "7");
 * Outputs y = models.predict("fraud", inputs, Call.standard().key(user));
 * }</pre>
 */
public final class Models {
    private final SessionOptions sessions;
    private final BatchOptions batching;
    private final Listeners listeners;
    private final Map<String, Deployment> deployments = new ConcurrentHashMap<>();

    private Models(SessionOptions sessions, BatchOptions batching) {
        this.sessions = sessions;
        this.batching = batching;
        this.listeners = new Listeners(batching.listeners());
    }

    /**
     * A registry without models. Calls of its versions are not merged, so that any model can be loaded.
     *
     * @return the registry
     */
    public static Models create() {
        return create(SessionOptions.standard(), BatchOptions.standard().maxRows(1));
    }

    /**
     * A registry without models.
     *
     * @param sessions how sessions of versions are made
     * @param batching how calls of versions are merged; its listeners are told about loads, swaps and shadows, too
     * @return the registry
     */
    public static Models create(SessionOptions sessions, BatchOptions batching) {
        return new Models(Objects.requireNonNull(sessions, "sessions"), Objects.requireNonNull(batching, "batching"));
    }

    /** The purpose of a version. */
    public enum State {
        /** It serves. */
        SERVING,
        /** It gets calls by weight, beside the one that serves. */
        CANARY,
        /** It repeats calls of the one that serves. */
        SHADOW,
        /** It served before, and is kept for a rollback. */
        PREVIOUS,
        /** It is loaded and tried. */
        READY
    }

    /**
     * A version of a model.
     *
     * @param version its name
     * @param state what it is for
     * @param statistics what it has done
     */
    public record Status(String version, State state, BatchStatistics statistics) {}

    /**
     * Loads a version from a file, and tries it.
     *
     * @param name the name of the model
     * @param version the name of the version
     * @param path the file, as for {@link Model#load(Path)}
     * @param trial the calls that it must answer
     * @throws TrialFailedException if it does not answer them
     * @throws NotBatchableException if the registry merges calls, and this version can't be batched
     * @throws InvalidOptionException if the version is loaded already
     * @throws TenonException if the file can't be read, or is no model that Tenon can run
     */
    public void load(String name, String version, Path path, Trial trial) {
        load(name, version, () -> Model.load(path), trial);
    }

    /**
     * Makes a model that is in memory a version, and tries it.
     *
     * @param name the name of the model
     * @param version the name of the version
     * @param model the model
     * @param trial the calls that it must answer
     * @throws TrialFailedException if it does not answer them
     * @throws NotBatchableException if the registry merges calls, and this version can't be batched
     * @throws InvalidOptionException if the version is loaded already
     */
    public void load(String name, String version, Model model, Trial trial) {
        load(name, version, () -> model, trial);
    }

    private void load(String name, String version, Supplier<Model> model, Trial trial) {
        long start = System.nanoTime();
        String full = Objects.requireNonNull(name, "name") + ":" + Objects.requireNonNull(version, "version");
        String failure = "it was not loaded";
        try {
            Session session = model.get().session(sessions);
            Version loaded = new Version(session, Batcher.of(session, batching.name(full)));
            trial.run(full, loaded.batcher());
            deployments.compute(name, (n, d) -> (d == null ? Deployment.empty(n) : d).with(version, loaded));
            failure = null;
        } catch (RuntimeException | Error e) {
            failure = String.valueOf(e.getMessage());
            throw e;
        } finally {
            long nanos = System.nanoTime() - start;
            Optional<String> message = Optional.ofNullable(failure);
            listeners.tell(l -> l.onLoad(new PredictionListener.LoadReport(name, version, nanos, message)));
            Recorder.load(name, version, nanos, failure);
        }
    }

    /**
     * Drops a version that neither serves nor is in a route.
     *
     * @param name the name of the model
     * @param version the version
     * @throws UnknownModelException if it is not loaded
     * @throws InvalidOptionException if it is in use
     */
    public void unload(String name, String version) {
        change(name, d -> d.without(version));
    }

    /**
     * Drops a model with all of its versions. Calls that run or wait get their outputs; for those that follow there is no such
     * model.
     *
     * @param name the name of the model
     * @throws UnknownModelException if there is no model of this name
     */
    public void unload(String name) {
        if (deployments.remove(name) == null) {
            throw unknown(name);
        }
    }

    /**
     * Makes a version the one that serves, for all calls that follow. It ends a route.
     *
     * @param name the name of the model
     * @param version the version
     * @throws UnknownModelException if it is not loaded
     */
    public void promote(String name, String version) {
        swapped(change(name, d -> d.promoted(version)), "promoted");
    }

    /**
     * Makes the version that served before the one that serves. The one that is replaced is kept, so that a second
     * rollback undoes the first. It ends a route.
     *
     * @param name the name of the model
     * @throws UnknownModelException if no version served before
     */
    public void rollback(String name) {
        swapped(change(name, Deployment::rolledBack), "rolled back");
    }

    /**
     * Changes which version calls get, until the next promotion or rollback. The version that serves does not change: it
     * is the one to which canaries are compared, and the only one that is left when they are given up.
     *
     * @param name the name of the model
     * @param route the route
     * @throws UnknownModelException if a version of the route is not loaded, or none serves
     */
    public void route(String name, Route route) {
        swapped(change(name, d -> d.routed(route)), "route " + route);
    }

    private record Change(Deployment before, Deployment after) {}

    private Change change(String name, UnaryOperator<Deployment> to) {
        Change[] change = new Change[1];
        deployments.compute(name, (n, d) -> {
            if (d == null) {
                throw unknown(n);
            }
            change[0] = new Change(d, to.apply(d));
            return change[0].after();
        });
        return change[0];
    }

    private UnknownModelException unknown(String name) {
        return new UnknownModelException(
                "model '" + name + "'", "it is not loaded", names().toString(), "load a version of it");
    }

    private void swapped(Change change, String reason) {
        Deployment now = change.after();
        String before = change.before().serving;
        listeners.tell(l -> l.onSwap(
                new PredictionListener.SwapReport(now.name, Optional.ofNullable(before), now.serving, reason)));
        Recorder.swap(now.name, before, now.serving, reason);
    }

    /**
     * Predicts.
     *
     * @param name the name of the model
     * @param inputs as for {@link Batcher#predict(Map, Call)}
     * @param call how the call is made
     * @return all outputs of one version, which belong to the caller
     * @throws UnknownModelException if no version of the model serves
     * @throws InvalidOptionException if the route is by key, and the call has none
     * @throws TenonException as {@link Batcher#predict(Map, Call)}
     */
    public Outputs predict(String name, Map<String, ? extends Datum> inputs, Call call) {
        try {
            return answer(name, inputs, call).outputs();
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * A prediction and the version that made it.
     *
     * @param version the version
     * @param outputs its outputs, which belong to the caller
     */
    public record Answer(String version, Outputs outputs) {}

    /**
     * Predicts, and tells which version did it.
     *
     * @param name the name of the model
     * @param inputs as for {@link Batcher#predict(Map, Call)}
     * @param call how the call is made
     * @return the version and all its outputs
     * @throws UnknownModelException if no version of the model serves
     * @throws InvalidOptionException if the route is by key, and the call has none
     * @throws TenonException as {@link Batcher#predict(Map, Call)}
     */
    public Answer answer(String name, Map<String, ? extends Datum> inputs, Call call) {
        try {
            StackRoom.requireForServing();
            Deployment d = deployment(name);
            String version = d.choose(call);
            Batcher batcher = d.versions.get(version).batcher();
            Outputs outputs = d.isWatched()
                    ? watched(batcher, inputs, call, watcher(d, version, inputs))
                    : batcher.predict(inputs, call);
            return new Answer(version, outputs);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts, without deadline and key.
     *
     * @param name the name of the model
     * @param inputs as for {@link Batcher#predict(Map)}
     * @return all outputs of one version, which belong to the caller
     * @throws UnknownModelException if no version of the model serves
     * @throws TenonException as {@link Batcher#predict(Map)}
     */
    public Outputs predict(String name, Map<String, ? extends Datum> inputs) {
        try {
            return predict(name, inputs, Call.standard());
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts without holding the caller. The version is chosen now: a later promotion, rollback or route does not change
     * it, and it answers even if it is dropped meanwhile. Rules of the route count the call when it ends, before the future is
     * complete; they do not count it if the future was cancelled, or completed by its user. A shadow repeats it as it
     * repeats others.
     *
     * @param name the name of the model
     * @param inputs as for {@link Batcher#submit(Map, Call)}; they must not change before the future is complete
     * @param call how the call is made
     * @return all outputs of one version, as {@link Batcher#submit(Map, Call)} gives them. The future fails with the exceptions
     *     of {@link #predict(String, Map, Call)}, {@link UnknownModelException} too
     */
    public CompletableFuture<Outputs> submit(String name, Map<String, ? extends Datum> inputs, Call call) {
        try {
            StackRoom.requireForServing();
            Deployment d = deployment(name);
            String version = d.choose(call);
            Batcher batcher = d.versions.get(version).batcher();
            return d.isWatched()
                    ? batcher.submit(inputs, call, watcher(d, version, inputs))
                    : batcher.submit(inputs, call);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /** Counts a call that has ended for the rules of its route, and lets a shadow repeat it. */
    private BiConsumer<Outputs, Throwable> watcher(Deployment d, String version, Map<String, ? extends Datum> inputs) {
        long start = System.nanoTime();
        return (outputs, failure) -> {
            if (d.traffic.watch != null) {
                count(d, version, System.nanoTime() - start, failure);
            }
            if (failure == null) {
                Batcher batcher = d.versions.get(version).batcher();
                d.route.shadow().ifPresent(shadow -> shadow(d, batcher, shadow, inputs, outputs));
            }
        };
    }

    private Deployment deployment(String name) {
        Deployment d = deployments.get(name);
        if (d == null) {
            throw unknown(name);
        }
        return d;
    }

    private static Outputs watched(
            Batcher batcher, Map<String, ? extends Datum> inputs, Call call, BiConsumer<Outputs, Throwable> ended) {
        Outputs outputs;
        try {
            outputs = batcher.predict(inputs, call);
        } catch (RuntimeException | Error e) {
            ended.accept(null, e);
            throw e;
        }
        ended.accept(outputs, null);
        return outputs;
    }

    /** Counts a call for the rules of its route, unless its caller is the reason for its failure, which is null for none. */
    private void count(Deployment d, String version, long nanos, Throwable failure) {
        if (failure instanceof InvalidInputException
                || failure instanceof CancelledPredictionException
                || failure instanceof InterruptedPredictionException) {
            return;
        }
        String reason = d.traffic.watch.record(version, nanos, failure != null);
        if (reason != null) {
            giveUp(d, reason);
        }
    }

    /** Ends a route, unless it has ended already. Other versions may have been loaded since the call began. */
    private void giveUp(Deployment d, String reason) {
        Change[] change = new Change[1];
        deployments.computeIfPresent(d.name, (n, now) -> {
            if (now.traffic != d.traffic) {
                return now;
            }
            change[0] = new Change(now, now.routed(Route.to(now.serving)));
            return change[0].after();
        });
        if (change[0] != null) {
            swapped(change[0], reason);
        }
    }

    private void shadow(
            Deployment d, Batcher main, Route.Shadow shadow, Map<String, ? extends Datum> inputs, Outputs outputs) {
        Version other = d.versions.get(shadow.version());
        if (!d.isShadowTurn(shadow)
                || !main.isIdle()
                || !other.batcher().isIdle()
                || !d.traffic.shadowing.compareAndSet(false, true)) {
            return;
        }
        boolean started = false;
        try {
            // The caller may write into its tensors as soon as it has the outputs.
            Map<String, Datum> copied = copies(inputs);
            Map<String, Datum> expected = copies(outputs);
            Thread.ofVirtual().name("tenon-shadow").start(() -> {
                try {
                    repeat(d.name, main, other, shadow, copied, expected);
                } finally {
                    d.traffic.shadowing.set(false);
                }
            });
            started = true;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // The caller has its outputs; that they can't be compared does not concern it.
            report(d.name, shadow, Double.NaN, 0);
        } finally {
            if (!started) {
                d.traffic.shadowing.set(false);
            }
        }
    }

    private static Map<String, Datum> copies(Map<String, ? extends Datum> values) {
        Map<String, Datum> copies = new LinkedHashMap<>();
        values.forEach((name, value) -> copies.put(name, value.copy()));
        return copies;
    }

    private void repeat(
            String name,
            Batcher main,
            Version other,
            Route.Shadow shadow,
            Map<String, Datum> inputs,
            Map<String, Datum> expected) {
        long start = System.nanoTime();
        Outputs found;
        try {
            found = other.session()
                    .predict(inputs, () -> !main.isIdle() || !other.batcher().isIdle());
        } catch (InterruptedPredictionException e) {
            // Callers need the processor: this comparison is given up.
            return;
        } catch (RuntimeException e) {
            found = null;
        }
        long nanos = System.nanoTime() - start;
        double difference = found == null ? Double.NaN : difference(shadow.compare(), expected, found);
        report(name, shadow, difference, nanos);
    }

    private void report(String name, Route.Shadow shadow, double difference, long nanos) {
        boolean agreed = difference <= shadow.compare().tolerance();
        PredictionListener.ShadowReport report =
                new PredictionListener.ShadowReport(name, shadow.version(), agreed, difference, nanos);
        listeners.tell(l -> l.onShadow(report));
    }

    private static double difference(Compare compare, Map<String, Datum> expected, Outputs found) {
        try {
            return compare.difference(expected, found);
        } catch (RuntimeException e) {
            return Double.NaN;
        }
    }

    /** {@return the names of the models} */
    public Set<String> names() {
        return new TreeSet<>(deployments.keySet());
    }

    /**
     * The version that serves.
     *
     * @param name the name of the model
     * @return the version, empty if none serves
     * @throws UnknownModelException if there is no model of this name
     */
    public Optional<String> serving(String name) {
        return Optional.ofNullable(deployment(name).serving);
    }

    /**
     * The route.
     *
     * @param name the name of the model
     * @return the route, empty if none serves
     * @throws UnknownModelException if there is no model of this name
     */
    public Optional<Route> route(String name) {
        return Optional.ofNullable(deployment(name).route);
    }

    /**
     * The versions of a model.
     *
     * @param name the name of the model
     * @return the versions in the order in which they were loaded
     * @throws UnknownModelException if there is no model of this name
     */
    public List<Status> versions(String name) {
        Deployment d = deployment(name);
        List<Status> all = new ArrayList<>();
        d.versions.forEach((version, loaded) ->
                all.add(new Status(version, state(d, version), loaded.batcher().statistics())));
        return all;
    }

    private static State state(Deployment d, String version) {
        if (version.equals(d.serving)) {
            return State.SERVING;
        }
        if (d.route != null && d.route.weights().containsKey(version)) {
            return State.CANARY;
        }
        if (d.route != null
                && d.route.shadow().map(s -> s.version().equals(version)).orElse(false)) {
            return State.SHADOW;
        }
        return version.equals(d.previous) ? State.PREVIOUS : State.READY;
    }

    /**
     * The model of a version: its inputs, outputs and metadata.
     *
     * @param name the name of the model
     * @param version the version
     * @return the model
     * @throws UnknownModelException if it is not loaded
     */
    public Model model(String name, String version) {
        return deployment(name).version(version).session().model();
    }

    /**
     * The batcher of a version, to submit calls to it whatever the route, or to see what it does.
     *
     * @param name the name of the model
     * @param version the version
     * @return its batcher
     * @throws UnknownModelException if it is not loaded
     */
    public Batcher batcher(String name, String version) {
        return deployment(name).version(version).batcher();
    }

    /** {@return how many exceptions listeners have thrown about loads, swaps and shadows} */
    public long listenerFailures() {
        return listeners.failures();
    }
}
