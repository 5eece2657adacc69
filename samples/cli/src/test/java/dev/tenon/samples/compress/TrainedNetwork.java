package dev.tenon.samples.compress;

import dev.tenon.Model;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.Metric;
import dev.tenon.compression.Samples;
import dev.tenon.formats.npy.Npy;
import dev.tenon.testkit.TestData;
import java.nio.file.Path;

/**
 * A small trained network with images for calibration, and other images with labels to judge by.
 *
 * @param folder its folder
 */
record TrainedNetwork(Path folder) {
    private static final double MNIST_MEAN = 0.1307;
    private static final double MNIST_STD = 0.3081;

    /**
     * Finds a network.
     *
     * @param name {@code mnist_cnn}, or a network that takes digits of 8 by 8 pixels
     * @return the network; the test is aborted if it is not there
     */
    static TrainedNetwork find(String name) {
        return new TrainedNetwork(TestData.shared("models", "trained", name));
    }

    Model model() {
        return Model.load(folder.resolve("model.onnx"));
    }

    Samples images(String file) {
        boolean isMnist = folder.endsWith("mnist_cnn");
        return Samples.npy(folder.resolve(file))
                .normalize(
                        isMnist ? 1 / 255.0 : 1 / 16.0,
                        new double[] {isMnist ? MNIST_MEAN : 0},
                        new double[] {isMnist ? MNIST_STD : 1},
                        Samples.Layout.NCHW);
    }

    Metric accuracy() {
        return Metric.accuracy(Npy.read(folder.resolve("eval_y.npy")));
    }

    /** A compressor that has the model, both kinds of images and the labels, but no steps. */
    Compressor compressor() {
        return Compressor.of(folder.resolve("model.onnx"))
                .calibrate(images("calib_x.npy"))
                .evaluate(images("eval_x.npy"), accuracy())
                .keepAccuracyWithin(Double.POSITIVE_INFINITY);
    }

    /** A compressor that has no samples for calibration: rows of numbers and labels to judge by. */
    Compressor judgedByEvaluation() {
        return Compressor.of(folder.resolve("model.onnx"))
                .evaluate(Samples.npy(folder.resolve("eval_x.npy")), accuracy())
                .keepAccuracyWithin(Double.POSITIVE_INFINITY);
    }
}
