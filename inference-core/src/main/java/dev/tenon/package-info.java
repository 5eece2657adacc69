/**
 * The API of Tenon: load a {@link dev.tenon.Model}, predict, or make a {@link dev.tenon.Session} with options of your
 * own and predict through that.
 *
 * <p>What must not live here: anything that a user does not call. To add an option: a method of
 * {@link dev.tenon.SessionOptions} or {@link dev.tenon.LoadOptions}.
 */
package dev.tenon;
