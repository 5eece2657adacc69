/**
 * Samples from data as it comes: texts, images and rows of tables, and a seeded order. Arrays and backend tests are in
 * {@link dev.tenon.compression.Samples}. A further source is a class with a method of {@link dev.tenon.compression.data.RawSamples}.
 */
package dev.tenon.compression.data;
